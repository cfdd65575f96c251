-- Official warnings per city, one row each: an update or an end replaces its predecessor. Event time is when the message was sent.
CREATE TABLE weather_alerts (
  alert_key VARCHAR PRIMARY KEY,
  event_id VARCHAR,
  city_key VARCHAR,
  city VARCHAR,
  state VARCHAR,
  alert_id VARCHAR,
  status VARCHAR,
  event VARCHAR,
  severity VARCHAR,
  certainty VARCHAR,
  urgency VARCHAR,
  headline VARCHAR,
  description VARCHAR,
  instruction VARCHAR,
  area VARCHAR,
  sender VARCHAR,
  starts_at BIGINT,
  ends_at BIGINT,
  source VARCHAR,
  issued_at BIGINT,
  fetched_at BIGINT
) WITH (
  KAFKA_TOPIC = 'weather-alerts',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'issued_at'
);
