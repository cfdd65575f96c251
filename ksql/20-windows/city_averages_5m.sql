-- Five-minute averages of the sensors of a city, without flagged readings.
CREATE TABLE city_averages_5m WITH (KAFKA_TOPIC = 'city-averages-5m', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    AS_VALUE(city_key) AS city_id,
    WINDOWSTART AS window_start,
    WINDOWEND AS window_end,
    COUNT(*) AS reading_count,
    AVG(temperature_fahrenheit) AS avg_temp,
    AVG(humidity_pct) AS avg_humidity,
    AVG(CAST(air_quality_index AS DOUBLE)) AS avg_aqi,
    MAX(air_quality_index) AS max_aqi
  FROM checked_readings
  WINDOW TUMBLING (SIZE 5 MINUTES, GRACE PERIOD 3 MINUTES)
  WHERE flag IS NULL
  GROUP BY city_key
  EMIT CHANGES;
