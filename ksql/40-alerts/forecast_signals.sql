-- What the forecast has of the next 12 or 24 hours for each limit on it: the highest value for a limit above which somebody wants to be told,
-- otherwise the lowest. Rows out for an issue: the limits of its city here, twice (the row of the issue before goes first).
-- @budget 2
-- @readers user-service
CREATE TABLE forecast_signals WITH (KAFKA_TOPIC = 'forecast-signals', VALUE_FORMAT = 'JSON') AS
  SELECT
    l.id AS limit_id,
    l.city_key AS city_key,
    l.metric AS metric,
    'FORECAST' AS source,
    CASE
      WHEN l.metric = 'FORECAST_TEMPERATURE_12H' AND l.comparison = 'ABOVE' THEN ARRAY_MAX(SLICE(f.temperatures_f, 1, 12))
      WHEN l.metric = 'FORECAST_TEMPERATURE_12H' THEN ARRAY_MIN(SLICE(f.temperatures_f, 1, 12))
      WHEN l.metric = 'FORECAST_TEMPERATURE_24H' AND l.comparison = 'ABOVE' THEN ARRAY_MAX(f.temperatures_f)
      WHEN l.metric = 'FORECAST_TEMPERATURE_24H' THEN ARRAY_MIN(f.temperatures_f)
      WHEN l.metric = 'FORECAST_WIND_12H' AND l.comparison = 'ABOVE' THEN ARRAY_MAX(SLICE(f.winds_mph, 1, 12))
      WHEN l.metric = 'FORECAST_WIND_12H' THEN ARRAY_MIN(SLICE(f.winds_mph, 1, 12))
      WHEN l.metric = 'FORECAST_WIND_24H' AND l.comparison = 'ABOVE' THEN ARRAY_MAX(f.winds_mph)
      WHEN l.metric = 'FORECAST_WIND_24H' THEN ARRAY_MIN(f.winds_mph)
      WHEN l.metric = 'FORECAST_PRECIPITATION_12H' AND l.comparison = 'ABOVE' THEN ARRAY_MAX(SLICE(f.precipitations_pct, 1, 12))
      WHEN l.metric = 'FORECAST_PRECIPITATION_12H' THEN ARRAY_MIN(SLICE(f.precipitations_pct, 1, 12))
      WHEN l.metric = 'FORECAST_PRECIPITATION_24H' AND l.comparison = 'ABOVE' THEN ARRAY_MAX(f.precipitations_pct)
      WHEN l.metric = 'FORECAST_PRECIPITATION_24H' THEN ARRAY_MIN(f.precipitations_pct)
    END AS value,
    f.fetched_at AS event_at,
    f.event_id AS event_id,
    f.source AS origin
  FROM forecast_limits l
  JOIN city_forecasts f ON l.city_key = f.city_key
  EMIT CHANGES;
