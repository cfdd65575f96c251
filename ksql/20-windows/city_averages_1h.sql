-- Hourly averages of the sensors of a city, without flagged readings.
CREATE TABLE city_averages_1h WITH (KAFKA_TOPIC = 'city-averages-1h', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    AS_VALUE(city_key) AS city_id,
    WINDOWSTART AS window_start,
    WINDOWEND AS window_end,
    COUNT(*) AS reading_count,
    AVG(temperature_fahrenheit) AS avg_temp,
    MIN(temperature_fahrenheit) AS min_temp,
    MAX(temperature_fahrenheit) AS max_temp,
    AVG(humidity_pct) AS avg_humidity,
    AVG(CAST(air_quality_index AS DOUBLE)) AS avg_aqi,
    MAX(air_quality_index) AS max_aqi
  FROM checked_readings
  WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 10 MINUTES)
  WHERE flag IS NULL
  GROUP BY city_key
  EMIT CHANGES;
