-- Each person with sensors, weather, warnings and their own limits side by side: the four sources in one row.
-- @budget 1.1
-- @readers any Kafka client
CREATE TABLE user_alert_context WITH (KAFKA_TOPIC = 'user-alert-context', VALUE_FORMAT = 'JSON') AS
  SELECT
    u.id AS id,
    u.username AS username,
    u.city_key AS city_key,
    u.city AS city,
    u.state AS state,
    u.weather_temperature_f AS weather_temperature_f,
    u.conditions AS conditions,
    u.weather_source AS weather_source,
    u.weather_observed_at AS weather_observed_at,
    u.sensor_temperature_f AS sensor_temperature_f,
    u.air_quality_index AS air_quality_index,
    u.sensor_measured_at AS sensor_measured_at,
    u.comfort AS comfort,
    u.air AS air,
    COALESCE(w.active_warnings, CAST(0 AS BIGINT)) AS active_warnings,
    w.warnings AS warnings
  FROM user_conditions u
  LEFT JOIN city_warnings w ON u.city_key = w.city_key
  EMIT CHANGES;
