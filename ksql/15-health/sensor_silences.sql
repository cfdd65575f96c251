-- Since when each sensor was last known to be silent.
-- @budget 1
CREATE TABLE sensor_silences WITH (KAFKA_TOPIC = 'sensor-silences', VALUE_FORMAT = 'JSON') AS
  SELECT
    sensor AS sensor_id,
    MAX(last_reading_at) AS silent_since,
    COUNT(*) AS pauses
  FROM sensor_pauses_stream
  GROUP BY sensor
  EMIT CHANGES;
