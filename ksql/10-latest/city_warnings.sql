-- The official warnings that hold in each city now; an update replaces, an end removes.
-- @budget 1
CREATE TABLE city_warnings WITH (KAFKA_TOPIC = 'city-warnings', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    COUNT(*) AS active_warnings,
    COLLECT_LIST(event) AS warnings
  FROM weather_alerts
  WHERE status = 'active'
  GROUP BY city_key
  EMIT CHANGES;
