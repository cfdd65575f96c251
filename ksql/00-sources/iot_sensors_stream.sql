-- One reading of one city sensor. Event time is when the sensor measured. The index is a whole number; read as INT, one too large would
-- lose its upper bits and look like good air.
CREATE STREAM iot_sensors_stream (
  sensor_id VARCHAR KEY,
  event_id VARCHAR,
  city_key VARCHAR,
  location VARCHAR,
  state VARCHAR,
  temperature_fahrenheit DOUBLE,
  humidity_pct DOUBLE,
  pressure_hpa DOUBLE,
  pm25_ugm3 DOUBLE,
  air_quality_index DOUBLE,
  source VARCHAR,
  measured_at BIGINT
) WITH (
  KAFKA_TOPIC = 'iot-sensors',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'measured_at'
);
