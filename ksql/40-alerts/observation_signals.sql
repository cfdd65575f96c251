-- The newest believed observation of a city for each limit on it. Rows out for an observation: the limits of its city here.
-- @budget 1
-- @readers user-service
CREATE TABLE observation_signals WITH (KAFKA_TOPIC = 'observation-signals', VALUE_FORMAT = 'JSON') AS
  SELECT
    l.id AS limit_id,
    l.city_key AS city_key,
    l.metric AS metric,
    'OBSERVATION' AS source,
    w.temperature_f AS value,
    w.observed_at AS event_at,
    l.city_key + '@' + CAST(w.observed_at AS STRING) AS event_id,
    w.source AS origin
  FROM observation_limits l
  JOIN weather_latest w ON l.city_key = w.city_key
  EMIT CHANGES;
