-- Observations per city, as weather-ingest publishes them. Event time is when the station observed.
CREATE STREAM weather_stream (
  city_key VARCHAR KEY,
  event_id VARCHAR,
  city VARCHAR,
  state VARCHAR,
  temperature_f DOUBLE,
  humidity_pct DOUBLE,
  wind_mph DOUBLE,
  pressure_hpa DOUBLE,
  conditions VARCHAR,
  station_id VARCHAR,
  source VARCHAR,
  observed_at BIGINT,
  fetched_at BIGINT
) WITH (
  KAFKA_TOPIC = 'weather-data',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'observed_at'
);
