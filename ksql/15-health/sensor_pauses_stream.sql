-- The same pauses without their windows: queries cannot read windowed tables.
-- @allow no-key: the key of the topic is windowed, and its columns are in the value
CREATE STREAM sensor_pauses_stream (
  sensor VARCHAR,
  last_reading_at BIGINT
) WITH (
  KAFKA_TOPIC = 'sensor-pauses',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'last_reading_at'
);
