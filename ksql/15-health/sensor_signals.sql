-- Whether a sensor still moves: how many different readings are among its last twelve, and at how many moments they were taken.
-- @budget 1
CREATE TABLE sensor_signals WITH (KAFKA_TOPIC = 'sensor-signals', VALUE_FORMAT = 'JSON') AS
  SELECT
    sensor_id,
    ARRAY_LENGTH(LATEST_BY_OFFSET(measured_at, 12)) AS recent_readings,
    ARRAY_LENGTH(ARRAY_DISTINCT(LATEST_BY_OFFSET(measured_at, 12))) AS recent_moments,
    ARRAY_LENGTH(ARRAY_DISTINCT(LATEST_BY_OFFSET(
      CONCAT_WS(
        '/',
        CAST(temperature_fahrenheit AS VARCHAR),
        CAST(humidity_pct AS VARCHAR),
        CAST(pressure_hpa AS VARCHAR),
        CAST(pm25_ugm3 AS VARCHAR)
      ),
      12
    ))) AS recent_values
  FROM iot_sensors_stream
  WHERE measured_at <= UNIX_TIMESTAMP() + 300000
  GROUP BY sensor_id
  EMIT CHANGES;
