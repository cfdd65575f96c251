-- Forecast periods per city, hourly and daily. Event time is when the office published the forecast.
-- @readers any ksqlDB client
CREATE STREAM weather_forecasts (
  city_key VARCHAR KEY,
  event_id VARCHAR,
  city VARCHAR,
  state VARCHAR,
  kind VARCHAR,
  period_name VARCHAR,
  period_start BIGINT,
  period_end BIGINT,
  is_daytime BOOLEAN,
  temperature_f DOUBLE,
  humidity_pct DOUBLE,
  wind_mph DOUBLE,
  wind_direction VARCHAR,
  precipitation_pct DOUBLE,
  conditions VARCHAR,
  source VARCHAR,
  issued_at BIGINT,
  fetched_at BIGINT
) WITH (
  KAFKA_TOPIC = 'weather-forecasts',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'issued_at'
);
