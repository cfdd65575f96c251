-- The health of each sensor: OK, SILENT, STUCK, IMPOSSIBLE, EMPTY, FAR, CLOCK_AHEAD, or CLOCK_BEHIND when its last three readings were all
-- two and a half minutes behind the newest of the city.
-- @budget 1
-- @readers dashboard
CREATE TABLE sensor_health WITH (KAFKA_TOPIC = 'sensor-health', VALUE_FORMAT = 'JSON') AS
  SELECT
    f.sensor_id AS sensor_id,
    f.city_key AS city_key,
    CASE
      WHEN s.silent_since >= f.last_reading_at THEN 'SILENT'
      WHEN f.flag IS NULL AND f.readings >= 3 AND f.behind_ms > 150000 THEN 'CLOCK_BEHIND'
      ELSE COALESCE(f.flag, 'OK')
    END AS status,
    f.temperature_fahrenheit AS temperature_fahrenheit,
    f.station_temperature_f AS station_temperature_f,
    f.air_quality_index AS air_quality_index,
    f.last_reading_at AS last_reading_at,
    f.ahead_ms AS ahead_ms,
    f.behind_ms AS behind_ms,
    f.readings AS readings,
    f.flagged_readings AS flagged_readings,
    f.late_readings AS late_readings
  FROM sensor_flags f
  LEFT JOIN sensor_silences s ON f.sensor_id = s.sensor_id
  EMIT CHANGES;
