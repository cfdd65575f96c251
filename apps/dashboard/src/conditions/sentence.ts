import { airQualityBand } from '../air-quality/air-quality-band.js';
import type { CityDescription } from './describe.js';

/** One true sentence about what the page shows now. */
export function sentence(cities: readonly CityDescription[]): string {
  if (cities.length === 0) return 'No cities yet. Add one to start watching.';
  const reporting = cities.filter((city) => city.sensors.temperatureF.state === 'live');
  const parts = [reportingPart(cities.length, reporting.length), airPart(cities), weatherPart(cities)];
  const text = parts.filter((part) => part !== undefined).join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function reportingPart(total: number, reporting: number): string {
  const cities = total === 1 ? 'the one city' : `${total} cities`;
  if (reporting === 0) return `no sensor of ${cities} reports at the moment`;
  if (reporting === total) return total === 1 ? 'the one city reports live' : `all ${cities} report live`;
  return `${reporting} of ${cities} report${reporting === 1 ? 's' : ''} live`;
}

function airPart(cities: readonly CityDescription[]): string | undefined {
  const measured = cities.filter((city) => city.sensors.airQuality.state === 'live');
  const worst = measured.toSorted((a, b) => (b.sensors.airQuality.value ?? 0) - (a.sensors.airQuality.value ?? 0))[0];
  if (worst === undefined) return undefined;
  const index = worst.sensors.airQuality.value ?? 0;
  const { band, word } = airQualityBand(index);
  if (band === 1) return measured.length === 1 ? 'its air is good' : 'the air is good in each of them';
  return `the worst air is in ${worst.name}: ${word.toLowerCase()}, index ${index}`;
}

function weatherPart(cities: readonly CityDescription[]): string | undefined {
  const known = cities.filter((city) => city.weather.temperatureF.at !== null);
  const samples = known.filter((city) => city.weather.temperatureF.source === 'sample').length;
  if (known.length === 0) return 'no weather has come in yet';
  if (samples === 0) return undefined;
  if (samples === known.length) return 'the weather is simulated, because weather.gov was not reached';
  return `the weather of ${samples} ${samples === 1 ? 'city' : 'cities'} is simulated`;
}
