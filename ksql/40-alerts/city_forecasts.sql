-- The hours of the next day as the newest whole issue of a city's forecast has them, in their order. While an issue is coming in there is no row:
-- hours of two issues would be a forecast that nobody made. The last of the 24 hours ends a day after the fetch, or less than an hour before that.
-- @budget 2
CREATE TABLE city_forecasts WITH (KAFKA_TOPIC = 'city-forecasts', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    LATEST_BY_OFFSET(event_id) AS event_id,
    LATEST_BY_OFFSET(source) AS source,
    LATEST_BY_OFFSET(issued_at) AS issued_at,
    LATEST_BY_OFFSET(fetched_at) AS fetched_at,
    LATEST_BY_OFFSET(temperature_f, 24, false) AS temperatures_f,
    LATEST_BY_OFFSET(wind_mph, 24, false) AS winds_mph,
    LATEST_BY_OFFSET(precipitation_pct, 24, false) AS precipitations_pct
  FROM weather_forecasts
  WHERE kind = 'hourly'
    AND period_end > fetched_at
    AND period_end <= fetched_at + 86400000
    AND fetched_at <= UNIX_TIMESTAMP() + 300000
  GROUP BY city_key
  HAVING LATEST_BY_OFFSET(period_end) > LATEST_BY_OFFSET(fetched_at) + 82800000
  EMIT CHANGES;
