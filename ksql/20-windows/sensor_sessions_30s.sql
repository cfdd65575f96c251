-- Spans of activity of each sensor; a pause of more than 30 seconds ends a session. A clock that is ahead ends none.
-- @budget 2
-- @readers any Kafka client
CREATE TABLE sensor_sessions_30s WITH (KAFKA_TOPIC = 'sensor-sessions-30s', VALUE_FORMAT = 'JSON') AS
  SELECT
    sensor_id,
    AS_VALUE(sensor_id) AS sensor,
    LATEST_BY_OFFSET(city_key) AS city_id,
    COUNT(*) AS readings_in_session,
    MIN(measured_at) AS first_reading_at,
    MAX(measured_at) AS last_reading_at
  FROM iot_sensors_stream
  WINDOW SESSION (30 SECONDS, GRACE PERIOD 2 MINUTES)
  WHERE measured_at BETWEEN 946684800000 AND UNIX_TIMESTAMP() + 60000
  GROUP BY sensor_id
  EMIT CHANGES;
