-- Every reading with what is wrong about it: flag is null for a good one. Keyed by city, as the averages need it. The averages take good
-- ones alone, so a clock that is ahead moves the time of none of them. A reading from more than five minutes ahead is in early_readings only,
-- and the readings of a start's own test are nobody's.
-- @budget 1
CREATE STREAM checked_readings WITH (KAFKA_TOPIC = 'checked-readings', VALUE_FORMAT = 'JSON') AS
  SELECT
    r.city_key AS city_key,
    r.sensor_id AS sensor_id,
    r.event_id AS event_id,
    r.location AS location,
    r.state AS state,
    r.temperature_fahrenheit AS temperature_fahrenheit,
    r.humidity_pct AS humidity_pct,
    r.pressure_hpa AS pressure_hpa,
    r.pm25_ugm3 AS pm25_ugm3,
    r.air_quality_index AS air_quality_index,
    r.source AS source,
    r.measured_at AS measured_at,
    c.weather_temperature_f AS station_temperature_f,
    CASE
      WHEN r.measured_at > UNIX_TIMESTAMP() + 60000
        THEN 'CLOCK_AHEAD'
      -- Asked for what is possible: a value that is no number is in no range. A time before 2000 is one in other units, or no number.
      WHEN r.measured_at < 946684800000
        OR NOT (
          (r.temperature_fahrenheit IS NULL OR r.temperature_fahrenheit BETWEEN -100 AND 140)
          AND (r.humidity_pct IS NULL OR r.humidity_pct BETWEEN 0 AND 100)
          AND (r.pressure_hpa IS NULL OR r.pressure_hpa BETWEEN 500 AND 1100)
          AND (r.pm25_ugm3 IS NULL OR r.pm25_ugm3 BETWEEN 0 AND 2000)
          AND (r.air_quality_index IS NULL OR r.air_quality_index BETWEEN 0 AND 4000)
        )
        THEN 'IMPOSSIBLE'
      WHEN COALESCE(r.temperature_fahrenheit, r.humidity_pct, r.pressure_hpa, r.pm25_ugm3, r.air_quality_index) IS NULL
        THEN 'EMPTY'
      WHEN g.recent_readings = 12 AND g.recent_values = 1 AND g.recent_moments >= 6
        THEN 'STUCK'
      -- Far from the station and from the middle of the neighbours too: weather that all of them see is no fault.
      WHEN r.temperature_fahrenheit IS NOT NULL
        AND c.weather_temperature_f IS NOT NULL
        AND c.weather_observed_at IS NOT NULL
        AND ARRAY_LENGTH(c.recent_temperatures_f) > 0
        AND ABS(r.temperature_fahrenheit - c.weather_temperature_f) > 15
        AND ABS(r.measured_at - c.weather_observed_at) < 10800000
        AND (
          ABS(r.temperature_fahrenheit
            - c.recent_temperatures_f[(ARRAY_LENGTH(c.recent_temperatures_f) + 1) / 2]) > 10
          OR ABS(r.temperature_fahrenheit
            - c.recent_temperatures_f[ARRAY_LENGTH(c.recent_temperatures_f) / 2 + 1]) > 10
        )
        THEN 'FAR'
    END AS flag,
    -- Later than the window of five minutes and its grace of three allow, against the newest reading of the city.
    CASE
      WHEN r.measured_at / 300000 * 300000 + 480000 <= c.sensor_newest_measured_at THEN TRUE
      ELSE FALSE
    END AS is_late,
    CASE
      WHEN c.sensor_newest_measured_at IS NOT NULL THEN c.sensor_newest_measured_at - r.measured_at
    END AS lateness_ms,
    CASE
      WHEN r.measured_at > UNIX_TIMESTAMP() + 60000 THEN r.measured_at - UNIX_TIMESTAMP()
    END AS ahead_ms
  FROM iot_sensors_stream r
  LEFT JOIN sensor_signals g ON r.sensor_id = g.sensor_id
  LEFT JOIN city_conditions c ON r.city_key = c.city_key
  WHERE r.measured_at <= UNIX_TIMESTAMP() + 300000
    AND (r.source IS NULL OR r.source NOT LIKE 'isobar-probe%')
  EMIT CHANGES;
