-- A script for isobar sql: docs/how-to/sql-console.md
DEFINE limit_f = '60';

SELECT city, weather_temperature_f
FROM city_conditions
WHERE weather_temperature_f > ${limit_f};
