-- What people's rules ask of the values of a city, as change data capture writes it: key = id, no value = nobody asks any more. One row for all
-- rules that ask the same.
CREATE TABLE alert_limits (
  id BIGINT PRIMARY KEY,
  city_key VARCHAR,
  metric VARCHAR,
  comparison VARCHAR,
  threshold DOUBLE,
  deadband DOUBLE,
  updated_at_ms BIGINT
) WITH (
  KAFKA_TOPIC = 'postgres-alert-limits',
  KEY_FORMAT = 'JSON',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'updated_at_ms'
);
