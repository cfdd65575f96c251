-- Weather and sensors of each city side by side; a city known to one side only still has its row. Temperature, humidity and particles are the
-- newest reading's; the index is the middle of the last nine that were said, so that one sensor among several does not decide about the air.
-- @budget 1
-- @readers dashboard
CREATE TABLE city_conditions WITH (KAFKA_TOPIC = 'city-conditions', VALUE_FORMAT = 'JSON') AS
  SELECT
    ROWKEY AS city_key,
    COALESCE(w.city, s.location) AS city,
    COALESCE(w.state, s.state) AS state,
    w.temperature_f AS weather_temperature_f,
    w.humidity_pct AS weather_humidity_pct,
    w.wind_mph AS wind_mph,
    w.conditions AS conditions,
    w.source AS weather_source,
    w.observed_at AS weather_observed_at,
    s.temperature_fahrenheit AS sensor_temperature_f,
    s.humidity_pct AS sensor_humidity_pct,
    s.pm25_ugm3 AS pm25_ugm3,
    s.recent_air_quality_indexes[(ARRAY_LENGTH(s.recent_air_quality_indexes) + 1) / 2] AS air_quality_index,
    s.sensor_id AS sensor_id,
    s.event_id AS sensor_event_id,
    s.measured_at AS sensor_measured_at,
    s.newest_measured_at AS sensor_newest_measured_at,
    s.recent_temperatures_f AS recent_temperatures_f
  FROM weather_latest w
  FULL OUTER JOIN city_sensors s ON w.city_key = s.city_key
  EMIT CHANGES;
