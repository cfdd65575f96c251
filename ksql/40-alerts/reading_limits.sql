-- The limits that sensors decide about. Filtered before the join: behind it, each value would say of each other limit that it is none.
-- @budget 1
CREATE TABLE reading_limits WITH (KAFKA_TOPIC = 'reading-limits', VALUE_FORMAT = 'JSON') AS
  SELECT
    id,
    city_key,
    metric,
    comparison,
    threshold
  FROM alert_limits
  WHERE metric = 'SENSOR_TEMPERATURE' OR metric = 'AIR_QUALITY_INDEX'
  EMIT CHANGES;
