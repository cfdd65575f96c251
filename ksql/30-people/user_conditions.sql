-- Each person with weather, sensors and their own limits: what the dashboard shows. AIR is judged by the index of
-- city_conditions, the middle of the city's last readings; sensor_id and sensor_event_id name the newest of them.
-- @budget 3 with three people in each city
-- @readers dashboard
CREATE TABLE user_conditions WITH (KAFKA_TOPIC = 'user-conditions', VALUE_FORMAT = 'JSON') AS
  SELECT
    u.id AS id,
    u.username AS username,
    u.full_name AS full_name,
    u.city_key AS city_key,
    c.city AS city,
    c.state AS state,
    c.weather_temperature_f AS weather_temperature_f,
    c.conditions AS conditions,
    c.weather_source AS weather_source,
    c.weather_observed_at AS weather_observed_at,
    c.sensor_temperature_f AS sensor_temperature_f,
    c.sensor_humidity_pct AS sensor_humidity_pct,
    c.air_quality_index AS air_quality_index,
    u.aqi_limit AS aqi_limit,
    c.sensor_id AS sensor_id,
    c.sensor_event_id AS sensor_event_id,
    c.sensor_measured_at AS sensor_measured_at,
    CASE
      WHEN c.sensor_temperature_f IS NULL THEN 'UNKNOWN'
      WHEN c.sensor_temperature_f > u.temp_high_f THEN 'HOT'
      WHEN c.sensor_temperature_f < u.temp_low_f THEN 'COLD'
      ELSE 'COMFORTABLE'
    END AS comfort,
    CASE
      WHEN c.air_quality_index IS NULL THEN 'UNKNOWN'
      WHEN c.air_quality_index > u.aqi_limit THEN 'ABOVE_LIMIT'
      ELSE 'WITHIN_LIMIT'
    END AS air
  FROM users u
  LEFT JOIN city_conditions c ON u.city_key = c.city_key
  EMIT CHANGES;
