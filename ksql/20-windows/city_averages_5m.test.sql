-- Two readings of one five-minute window, a flagged one, one of the next window, and one that is 90 seconds late.
-- @now 2026-06-02T12:00:00Z
INSERT INTO iot_sensors_stream (sensor_id, city_key, temperature_fahrenheit, humidity_pct, air_quality_index, measured_at)
  VALUES ('s1', 'miami-fl', 80, 60, 44, 1780315260000);
INSERT INTO iot_sensors_stream (sensor_id, city_key, temperature_fahrenheit, measured_at)
  VALUES ('s2', 'miami-fl', 999, 1780315320000);
INSERT INTO iot_sensors_stream (sensor_id, city_key, temperature_fahrenheit, humidity_pct, air_quality_index, measured_at)
  VALUES ('s1', 'miami-fl', 80, 60, 44, 1780315560000);
INSERT INTO iot_sensors_stream (sensor_id, city_key, temperature_fahrenheit, measured_at)
  VALUES ('s2', 'miami-fl', 82, 1780315470000);

ASSERT VALUES city_averages_5m (city_key, window_start, reading_count, avg_temp, max_aqi)
  VALUES ('miami-fl', 1780315200000, 1, 80, 44);
ASSERT VALUES city_averages_5m (city_key, window_start, reading_count, avg_temp, max_aqi)
  VALUES ('miami-fl', 1780315500000, 1, 80, 44);
ASSERT VALUES city_averages_5m (city_key, window_start, window_end, reading_count, avg_temp, avg_humidity, avg_aqi)
  VALUES ('miami-fl', 1780315200000, 1780315500000, 2, 81, 60, 44);
