-- Readings from a clock that is more than a minute ahead, set aside with the moment at which they were seen; that is their event time, since
-- a topic need not take a time that is far ahead.
-- @budget 1
-- @readers whoever looks for clocks that are ahead
CREATE STREAM early_readings WITH (KAFKA_TOPIC = 'early-readings', VALUE_FORMAT = 'JSON', TIMESTAMP = 'seen_at') AS
  SELECT
    sensor_id,
    AS_VALUE(sensor_id) AS sensor,
    event_id,
    city_key,
    temperature_fahrenheit,
    humidity_pct,
    pressure_hpa,
    pm25_ugm3,
    air_quality_index,
    source,
    measured_at,
    UNIX_TIMESTAMP() AS seen_at,
    measured_at - UNIX_TIMESTAMP() AS ahead_ms
  FROM iot_sensors_stream
  WHERE measured_at > UNIX_TIMESTAMP() + 60000
  EMIT CHANGES;
