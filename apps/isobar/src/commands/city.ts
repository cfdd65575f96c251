import { StackError } from '@isobar/local-stack';
import { setTimeout as delay } from 'node:timers/promises';
import { table } from '../render/table.js';
import { ServiceClient, UnreachableError } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface City {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
}

interface AddedCity extends City {
  readonly areaCheck: 'weather-service' | 'rough';
  readonly cell: string | null;
}

interface Weather {
  readonly temperatureF: number | null;
  readonly conditions: string | null;
  readonly stationId: string | null;
  readonly source: 'nws' | 'sample';
  readonly observedAt: string;
}

interface AddOptions extends RestOptions {
  readonly lat?: number;
  readonly lon?: number;
  readonly timezone?: string;
  /** Seconds. */
  readonly timeout: number;
  readonly wait: boolean;
}

/** The city is there, its weather not yet. */
class FirstWeatherLateError extends StackError {
  readonly code = 'TIMED_OUT';
}

const lookAgainMs = 250;

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('WEATHER_INGEST_URL', server);
const columns = ['id', 'name', 'state', 'latitude', 'longitude', 'time zone'];
const row = ({ id, name, state, latitude, longitude, timeZone }: City) => [
  id,
  name,
  state,
  latitude,
  longitude,
  timeZone,
];

export async function listCities(options: RestOptions): Promise<void> {
  const { items } = await client(options).get<{ items: City[] }>('/cities');
  print(options, items, () => table(columns, items.map(row)));
}

export async function showCity(id: string, options: RestOptions): Promise<void> {
  const city = await client(options).get<City>(ServiceClient.path('cities', id));
  const weather = await weatherOf(id, options).catch(() => undefined);
  print(options, { ...city, weather: weather ?? null }, () =>
    [table(columns, [row(city)]), weather === undefined ? 'no weather yet' : inWords(weather)].join('\n'),
  );
}

/** Adds a city and waits for its first weather, which shows that it is watched. */
export async function addCity(name: string, state: string, options: AddOptions): Promise<void> {
  const city = await client(options).post<AddedCity>('/cities', {
    name,
    state: state.toUpperCase(),
    ...(options.lat === undefined ? {} : { latitude: options.lat }),
    ...(options.lon === undefined ? {} : { longitude: options.lon }),
    ...(options.timezone === undefined ? {} : { timeZone: options.timezone }),
  });
  const startedMs = performance.now();
  if (options.output !== 'json') console.log(addedText(city));
  const first = options.wait ? await firstWeather(city.id, options) : undefined;
  const took = ((performance.now() - startedMs) / 1_000).toFixed(1);
  if (options.output === 'json')
    console.log(JSON.stringify({ ...city, weather: first?.weather ?? null }, undefined, 2));
  else if (first?.weather !== undefined) console.log(`first weather after ${took} s: ${inWords(first.weather)}`);
  if (first !== undefined && first.weather === undefined)
    throw new FirstWeatherLateError(`${city.id} was added, but has no weather after ${options.timeout} s`, {
      ...(first.why === undefined ? {} : { why: first.why }),
      fix: `the poller goes on trying; look with npx isobar city show ${city.id}, or at npx isobar logs weather-ingest`,
    });
}

/** Looks until there is weather or the time is up; `why` is the last reason for which there was none. */
async function firstWeather(
  id: string,
  options: AddOptions,
): Promise<{ readonly weather?: Weather; readonly why?: string | undefined }> {
  const deadlineMs = performance.now() + options.timeout * 1_000;
  let why: string | undefined;
  do {
    try {
      return { weather: await weatherOf(id, options) };
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      why = error.details.why;
    }
    await delay(lookAgainMs);
  } while (performance.now() < deadlineMs);
  return { why };
}

const weatherOf = (id: string, options: RestOptions): Promise<Weather> =>
  client(options).get<Weather>(`${ServiceClient.path('cities', id)}/weather`);

const addedText = ({ id, latitude, longitude, timeZone, areaCheck, cell }: AddedCity): string =>
  [
    `added ${id} at ${latitude}, ${longitude} (${timeZone})`,
    areaCheck === 'weather-service'
      ? `The weather service knows the place${cell === null ? '' : `: cell ${cell} of its grid`}. Sensors and the page follow within a minute.`
      : 'The weather service gave no answer, so only the borders of the state were checked. All else follows within a minute.',
  ].join('\n');

function inWords({ temperatureF, conditions, stationId, source, observedAt }: Weather): string {
  const from = source === 'sample' ? 'simulated (sample)' : `station ${stationId ?? 'unknown'}`;
  const temperature = temperatureF === null ? 'no temperature' : `${temperatureF} °F`;
  return `${temperature}, ${conditions ?? 'no word on the sky'}, ${from}, observed ${observedAt}`;
}

export async function removeCity(id: string, options: RestOptions): Promise<void> {
  await client(options).delete(ServiceClient.path('cities', id));
  print(options, { removed: id }, () => `removed ${id}; what was recorded of it stays`);
}
