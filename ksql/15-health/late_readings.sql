-- Readings that came too late for their window of city_averages_5m: set aside here, so that they can be counted and are not lost.
-- @allow star-at-boundary: a reading that is set aside is kept whole, whatever columns it has
-- @budget 1
-- @readers whoever counts what came too late
CREATE STREAM late_readings WITH (KAFKA_TOPIC = 'late-readings', VALUE_FORMAT = 'JSON') AS
  SELECT *
  FROM checked_readings
  WHERE is_late
  EMIT CHANGES;
