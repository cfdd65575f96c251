-- The end of each span of activity, told once: when a sensor has said nothing for 30 seconds and the grace is over too. A clock that is
-- more than a minute ahead moves no time.
-- @budget 1
CREATE TABLE sensor_pauses WITH (KAFKA_TOPIC = 'sensor-pauses', VALUE_FORMAT = 'JSON') AS
  SELECT
    sensor_id,
    AS_VALUE(sensor_id) AS sensor,
    MAX(measured_at) AS last_reading_at
  FROM iot_sensors_stream
  WINDOW SESSION (30 SECONDS, GRACE PERIOD 2 MINUTES)
  WHERE measured_at BETWEEN 946684800000 AND UNIX_TIMESTAMP() + 60000
  GROUP BY sensor_id
  EMIT FINAL;
