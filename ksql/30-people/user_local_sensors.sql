-- Each person with the sensors of their city. Every user of a city has a row; moves and deletes follow.
-- @budget 3 with three people in each city
-- @readers any Kafka client
CREATE TABLE user_local_sensors WITH (KAFKA_TOPIC = 'user-local-sensors', VALUE_FORMAT = 'JSON') AS
  SELECT
    u.id AS id,
    u.username AS username,
    u.city_key AS city_key,
    s.location AS location,
    s.temperature_fahrenheit AS temperature_fahrenheit,
    s.humidity_pct AS humidity_pct,
    s.air_quality_index AS air_quality_index,
    s.measured_at AS measured_at
  FROM users u
  LEFT JOIN city_sensors s ON u.city_key = s.city_key
  EMIT CHANGES;
