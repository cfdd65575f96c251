-- The limits that the forecast decides about.
-- @budget 1
CREATE TABLE forecast_limits WITH (KAFKA_TOPIC = 'forecast-limits', VALUE_FORMAT = 'JSON') AS
  SELECT
    id,
    city_key,
    metric,
    comparison,
    threshold
  FROM alert_limits
  WHERE metric LIKE 'FORECAST_%'
  EMIT CHANGES;
