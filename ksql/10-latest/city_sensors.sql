-- The newest sensor reading of each city, and what its sensors agree on. A reading that no instrument can have taken is none, nor one
-- without a value, nor one from more than five minutes ahead; a clock that is a minute ahead does not say what the newest time is.
-- checked_readings has the same limits. The reading with which a start proves the way has a row as long as that is needed: the one after it,
-- of source 'isobar-probe-over', takes it away.
-- @budget 1
CREATE TABLE city_sensors WITH (KAFKA_TOPIC = 'city-sensors', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    LATEST_BY_OFFSET(location) AS location,
    LATEST_BY_OFFSET(state) AS state,
    LATEST_BY_OFFSET(sensor_id) AS sensor_id,
    LATEST_BY_OFFSET(temperature_fahrenheit) AS temperature_fahrenheit,
    LATEST_BY_OFFSET(humidity_pct) AS humidity_pct,
    LATEST_BY_OFFSET(pm25_ugm3) AS pm25_ugm3,
    LATEST_BY_OFFSET(CAST(air_quality_index AS INT)) AS air_quality_index,
    LATEST_BY_OFFSET(event_id) AS event_id,
    LATEST_BY_OFFSET(measured_at) AS measured_at,
    COUNT(*) AS readings,
    MAX(CASE WHEN measured_at <= UNIX_TIMESTAMP() + 60000 THEN measured_at END) AS newest_measured_at,
    ARRAY_SORT(LATEST_BY_OFFSET(temperature_fahrenheit, 8)) AS recent_temperatures_f,
    ARRAY_SORT(LATEST_BY_OFFSET(CAST(air_quality_index AS INT), 9)) AS recent_air_quality_indexes
  FROM iot_sensors_stream
  WHERE (temperature_fahrenheit IS NULL OR temperature_fahrenheit BETWEEN -100 AND 140)
    AND (humidity_pct IS NULL OR humidity_pct BETWEEN 0 AND 100)
    AND (pressure_hpa IS NULL OR pressure_hpa BETWEEN 500 AND 1100)
    AND (pm25_ugm3 IS NULL OR pm25_ugm3 BETWEEN 0 AND 2000)
    AND (air_quality_index IS NULL OR air_quality_index BETWEEN 0 AND 4000)
    AND COALESCE(temperature_fahrenheit, humidity_pct, pressure_hpa, pm25_ugm3, air_quality_index) IS NOT NULL
    AND measured_at BETWEEN 946684800000 AND UNIX_TIMESTAMP() + 300000
  GROUP BY city_key
  HAVING COALESCE(LATEST_BY_OFFSET(source), '') <> 'isobar-probe-over'
  EMIT CHANGES;
