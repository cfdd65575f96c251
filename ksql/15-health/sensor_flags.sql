-- What was last said about each sensor's readings, and how often.
-- @budget 1
CREATE TABLE sensor_flags WITH (KAFKA_TOPIC = 'sensor-flags', VALUE_FORMAT = 'JSON') AS
  SELECT
    sensor_id,
    LATEST_BY_OFFSET(city_key) AS city_key,
    LATEST_BY_OFFSET(flag, false) AS flag,
    LATEST_BY_OFFSET(temperature_fahrenheit, false) AS temperature_fahrenheit,
    LATEST_BY_OFFSET(station_temperature_f, false) AS station_temperature_f,
    LATEST_BY_OFFSET(CASE WHEN air_quality_index BETWEEN 0 AND 4000 THEN CAST(air_quality_index AS INT) END, false) AS air_quality_index,
    MAX(measured_at) AS last_reading_at,
    LATEST_BY_OFFSET(ahead_ms, false) AS ahead_ms,
    ARRAY_MIN(LATEST_BY_OFFSET(lateness_ms, 3)) AS behind_ms,
    COUNT(*) AS readings,
    COUNT(flag) AS flagged_readings,
    SUM(CASE WHEN is_late THEN 1 ELSE 0 END) AS late_readings
  FROM checked_readings
  GROUP BY sensor_id
  EMIT CHANGES;
