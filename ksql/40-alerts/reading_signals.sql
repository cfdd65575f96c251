-- The value of a city's sensors for each limit on it: the middle of the last readings, so that one sensor among several decides about nobody's
-- alert. Rows out for a reading: the limits of its city here. event_id and sensor_id name the newest reading.
-- @budget 1
-- @readers user-service
CREATE TABLE reading_signals WITH (KAFKA_TOPIC = 'reading-signals', VALUE_FORMAT = 'JSON') AS
  SELECT
    l.id AS limit_id,
    l.city_key AS city_key,
    l.metric AS metric,
    'SENSORS' AS source,
    CASE
      WHEN l.metric = 'SENSOR_TEMPERATURE'
        THEN s.recent_temperatures_f[(ARRAY_LENGTH(s.recent_temperatures_f) + 1) / 2]
      ELSE CAST(s.recent_air_quality_indexes[(ARRAY_LENGTH(s.recent_air_quality_indexes) + 1) / 2] AS DOUBLE)
    END AS value,
    s.measured_at AS event_at,
    s.event_id AS event_id,
    s.sensor_id AS origin
  FROM reading_limits l
  JOIN city_sensors s ON l.city_key = s.city_key
  EMIT CHANGES;
