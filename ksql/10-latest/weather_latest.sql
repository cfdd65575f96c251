-- The newest weather record of each city that can be believed.
-- @budget 1
CREATE TABLE weather_latest WITH (KAFKA_TOPIC = 'weather-latest', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    LATEST_BY_OFFSET(city) AS city,
    LATEST_BY_OFFSET(state) AS state,
    LATEST_BY_OFFSET(temperature_f, false) AS temperature_f,
    LATEST_BY_OFFSET(humidity_pct, false) AS humidity_pct,
    LATEST_BY_OFFSET(wind_mph, false) AS wind_mph,
    LATEST_BY_OFFSET(conditions, false) AS conditions,
    LATEST_BY_OFFSET(source) AS source,
    LATEST_BY_OFFSET(observed_at) AS observed_at
  FROM checked_observations
  WHERE flag IS NULL
  GROUP BY city_key
  EMIT CHANGES;
