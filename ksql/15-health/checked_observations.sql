-- Every observation with what is wrong about it: flag is null for a good one, and only good ones go on. A value that is no number is in no
-- range; a time before 2000 is one in other units, or no number. None from more than five minutes ahead.
-- @budget 1
CREATE STREAM checked_observations WITH (KAFKA_TOPIC = 'checked-observations', VALUE_FORMAT = 'JSON') AS
  SELECT
    city_key,
    event_id,
    city,
    state,
    temperature_f,
    humidity_pct,
    wind_mph,
    pressure_hpa,
    conditions,
    station_id,
    source,
    observed_at,
    fetched_at,
    CASE
      WHEN observed_at < 946684800000
        OR NOT (
          (temperature_f IS NULL OR temperature_f BETWEEN -100 AND 140)
          AND (humidity_pct IS NULL OR humidity_pct BETWEEN 0 AND 100)
          AND (wind_mph IS NULL OR wind_mph BETWEEN 0 AND 300)
          AND (pressure_hpa IS NULL OR pressure_hpa BETWEEN 500 AND 1100)
        )
        THEN 'IMPOSSIBLE'
    END AS flag
  FROM weather_stream
  WHERE observed_at <= UNIX_TIMESTAMP() + 300000
  EMIT CHANGES;
