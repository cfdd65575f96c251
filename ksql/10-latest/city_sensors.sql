-- The newest sensor reading of each city.
CREATE TABLE city_sensors WITH (KAFKA_TOPIC = 'city-sensors', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    LATEST_BY_OFFSET(location) AS location,
    LATEST_BY_OFFSET(state) AS state,
    LATEST_BY_OFFSET(sensor_id) AS sensor_id,
    LATEST_BY_OFFSET(temperature_fahrenheit) AS temperature_fahrenheit,
    LATEST_BY_OFFSET(humidity_pct) AS humidity_pct,
    LATEST_BY_OFFSET(pm25_ugm3) AS pm25_ugm3,
    LATEST_BY_OFFSET(air_quality_index) AS air_quality_index,
    LATEST_BY_OFFSET(event_id) AS event_id,
    LATEST_BY_OFFSET(measured_at) AS measured_at,
    COUNT(*) AS readings
  FROM iot_sensors_stream
  GROUP BY city_key
  EMIT CHANGES;
