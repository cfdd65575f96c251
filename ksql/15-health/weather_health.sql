-- Whether the weather of each city can be believed: OK or IMPOSSIBLE by its newest observation, and how many were left out.
-- @budget 1
-- @readers dashboard
CREATE TABLE weather_health WITH (KAFKA_TOPIC = 'weather-health', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    COALESCE(LATEST_BY_OFFSET(flag, false), 'OK') AS status,
    LATEST_BY_OFFSET(station_id, false) AS station_id,
    LATEST_BY_OFFSET(event_id) AS event_id,
    COUNT(*) AS observations,
    COUNT(flag) AS flagged_observations
  FROM checked_observations
  GROUP BY city_key
  EMIT CHANGES;
