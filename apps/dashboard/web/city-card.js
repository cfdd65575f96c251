import { element, setAttribute, setText } from './elements.js';
import { airChip, describe, namedFigure, originLine } from './figures.js';
import { clockText, spanText, stateOf, units, valueText } from './format.js';
import { sensorFlags } from './sensor-flags.js';
import { weatherFlags } from './weather-flags.js';

/**
 * The card of one city.
 * @param {any} city
 */
export function cityCard(city) {
  const headingId = `city-${city.id}`;
  const heading = element('h3', { id: headingId });
  const localTime = element('p', { class: 'local-time' });
  const temperature = element('p', { class: 'temperature' });
  const sky = element('p', { class: 'sky' });
  const weatherOrigin = originLine();
  const stationFlags = weatherFlags();
  const humidity = namedFigure('Humidity', 'percent');
  const wind = namedFigure('Wind', 'mph');
  const air = airChip();
  const sensorTemperature = namedFigure('Temperature', 'fahrenheit');
  const sensorHumidity = namedFigure('Humidity', 'percent');
  const particles = namedFigure('PM2.5', 'particles');
  const sensorOrigin = originLine();
  const flags = sensorFlags();
  const averageTemperature = namedFigure('Temperature', 'fahrenheit');
  const averageHumidity = namedFigure('Humidity', 'percent');
  const averageAir = namedFigure('AQI', 'text');
  const averageOrigin = originLine();
  const averageEmpty = element('p', { class: 'hint' }, ['No readings in this window yet.']);
  const averageFigures = element('dl', { class: 'figures' }, [
    averageTemperature.root,
    averageHumidity.root,
    averageAir.root,
  ]);
  const people = element('p', { class: 'fine' });

  const root = element('article', { class: 'card', 'aria-labelledby': headingId, 'data-city': city.id }, [
    element('header', {}, [heading, localTime]),
    element('div', { class: 'sky-row' }, [temperature, sky]),
    element('dl', { class: 'figures' }, [humidity.root, wind.root]),
    weatherOrigin.root,
    stationFlags.root,
    element('h4', {}, ['Air quality']),
    air.root,
    element('h4', {}, ['City sensors']),
    element('dl', { class: 'figures' }, [sensorTemperature.root, sensorHumidity.root, particles.root]),
    sensorOrigin.root,
    flags.root,
    element('h4', {}, ['Five-minute average']),
    averageFigures,
    averageEmpty,
    averageOrigin.root,
    people,
  ]);

  return {
    root,
    /** @param {any} next @param {number} now @param {Record<string, string | null>} why what keeps values from getting younger */
    update(next, now, why) {
      const { weather, sensors, average } = next;
      setText(heading, `${next.name}, ${next.state}`);
      setText(localTime, `${clockText(now, next.timeZone)} local time`);
      setAttribute(root, 'data-state', stateOf(sensors.temperatureF, now));

      setText(temperature, valueText(weather.temperatureF, 'fahrenheitWhole'));
      describe(temperature, weather.temperatureF, now);
      setText(
        sky,
        weather.conditions.value ?? (weather.conditions.at === null ? 'No weather yet' : 'Sky not reported'),
      );
      describe(sky, weather.conditions, now);
      humidity.update(weather.humidityPct, now);
      wind.update(weather.windMph, now);
      weatherOrigin.update(weather.temperatureF, now, undefined, why['weather']);
      stationFlags.update(next.weatherHealth, weather.temperatureF, now);

      air.update(sensors.airQuality, now, why['air']);
      sensorTemperature.update(sensors.temperatureF, now);
      sensorHumidity.update(sensors.humidityPct, now);
      particles.update(sensors.pm25UgM3, now);
      sensorOrigin.update(sensors.temperatureF, now, undefined, why['sensors']);
      flags.update(next.sensorHealth, now);

      averageFigures.hidden = averageOrigin.root.hidden = average === null;
      averageEmpty.hidden = average !== null;
      if (average !== null) {
        averageTemperature.update(average.temperatureF, now);
        averageHumidity.update(average.humidityPct, now);
        averageAir.update(withWord(average.airQuality), now);
        averageOrigin.update(average.temperatureF, now, windowText(average, next.timeZone, now), why['averages']);
      }
      setText(people, next.people === 1 ? '1 person lives here' : `${next.people} people live here`);
    },
  };
}

/** An index never goes without its word. @param {any} air */
const withWord = (air) => (air.value === null ? air : { ...air, value: `${air.value} ${air.category}` });

/**
 * @param {any} average
 * @param {string} timeZone
 * @param {number} now
 */
function windowText(average, timeZone, now) {
  const count = average.readingCount.value;
  const readings = count === 1 ? '1 reading' : `${units.count(count)} readings`;
  const span = spanText(average.windowStart, average.windowEnd, timeZone);
  return `${readings}, ${span}${now < average.windowEnd ? ', still open' : ''}`;
}
