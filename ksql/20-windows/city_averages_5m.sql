-- Five-minute averages of the sensors of a city, without flagged readings. Of a value that no reading had there is no average.
-- @budget 1
-- @readers dashboard
CREATE TABLE city_averages_5m WITH (KAFKA_TOPIC = 'city-averages-5m', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    AS_VALUE(city_key) AS city_id,
    WINDOWSTART AS window_start,
    WINDOWEND AS window_end,
    COUNT(*) AS reading_count,
    CASE WHEN COUNT(temperature_fahrenheit) > 0 THEN AVG(temperature_fahrenheit) END AS avg_temp,
    CASE WHEN COUNT(humidity_pct) > 0 THEN AVG(humidity_pct) END AS avg_humidity,
    CASE WHEN COUNT(air_quality_index) > 0 THEN AVG(air_quality_index) END AS avg_aqi,
    CAST(MAX(air_quality_index) AS INT) AS max_aqi
  FROM checked_readings
  WINDOW TUMBLING (SIZE 5 MINUTES, GRACE PERIOD 3 MINUTES)
  WHERE flag IS NULL
  GROUP BY city_key
  EMIT CHANGES;
