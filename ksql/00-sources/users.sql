-- The people, as change data capture writes them: key = id, value = the row, no value = deleted.
CREATE TABLE users (
  id BIGINT PRIMARY KEY,
  username VARCHAR,
  full_name VARCHAR,
  city_key VARCHAR,
  temp_high_f DOUBLE,
  temp_low_f DOUBLE,
  aqi_limit INT,
  updated_at_ms BIGINT
) WITH (
  KAFKA_TOPIC = 'postgres-users',
  KEY_FORMAT = 'JSON',
  VALUE_FORMAT = 'JSON',
  TIMESTAMP = 'updated_at_ms'
);
