-- The limits that a station decides about.
-- @budget 1
CREATE TABLE observation_limits WITH (KAFKA_TOPIC = 'observation-limits', VALUE_FORMAT = 'JSON') AS
  SELECT
    id,
    city_key,
    metric,
    comparison,
    threshold
  FROM alert_limits
  WHERE metric = 'OBSERVED_TEMPERATURE'
  EMIT CHANGES;
