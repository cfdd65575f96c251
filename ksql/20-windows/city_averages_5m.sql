-- Five-minute averages of all sensors of a city.
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
  FROM iot_sensors_stream
  WINDOW TUMBLING (SIZE 5 MINUTES, GRACE PERIOD 2 MINUTES)
  GROUP BY city_key
  EMIT CHANGES;
