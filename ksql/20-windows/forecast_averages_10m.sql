-- Ten-minute averages of the published weather, a new window every five minutes. The grace is longer than a station's clock may be ahead.
-- @budget 2
-- @readers any Kafka client
CREATE TABLE forecast_averages_10m WITH (KAFKA_TOPIC = 'forecast-averages-10m', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    AS_VALUE(city_key) AS city_id,
    WINDOWSTART AS window_start,
    WINDOWEND AS window_end,
    COUNT(*) AS record_count,
    CASE WHEN COUNT(temperature_f) > 0 THEN AVG(temperature_f) END AS avg_forecast_temp
  FROM checked_observations
  WINDOW HOPPING (SIZE 10 MINUTES, ADVANCE BY 5 MINUTES, GRACE PERIOD 7 MINUTES)
  WHERE flag IS NULL
  GROUP BY city_key
  EMIT CHANGES;
