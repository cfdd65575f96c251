import { table } from '../render/table.js';
import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface City {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly timeZone: string;
}

interface AddOptions extends RestOptions {
  readonly lat?: number;
  readonly lon?: number;
  readonly timezone?: string;
}

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
  const weather = await client(options)
    .get<{ temperatureF: number | null; source: string; observedAt: string; conditions: string | null }>(
      `${ServiceClient.path('cities', id)}/weather`,
    )
    .catch(() => undefined);
  print(options, { ...city, weather: weather ?? null }, () =>
    [
      table(columns, [row(city)]),
      weather === undefined
        ? 'no weather yet'
        : `${weather.temperatureF ?? '–'} °F, ${weather.conditions ?? 'no word on the sky'}, ${weather.source}, observed ${weather.observedAt}`,
    ].join('\n'),
  );
}

export async function addCity(name: string, state: string, options: AddOptions): Promise<void> {
  const city = await client(options).post<City & { areaCheck: string }>('/cities', {
    name,
    state: state.toUpperCase(),
    ...(options.lat === undefined ? {} : { latitude: options.lat }),
    ...(options.lon === undefined ? {} : { longitude: options.lon }),
    ...(options.timezone === undefined ? {} : { timeZone: options.timezone }),
  });
  print(options, city, () =>
    [
      `added ${city.id} at ${city.latitude}, ${city.longitude} (${city.timeZone})`,
      city.areaCheck === 'weather-service'
        ? 'The weather service knows the place. Weather, sensors and the page follow within a minute.'
        : 'The weather service gave no answer, so only the borders of the state were checked. All else follows within a minute.',
    ].join('\n'),
  );
}

export async function removeCity(id: string, options: RestOptions): Promise<void> {
  await client(options).delete(ServiceClient.path('cities', id));
  print(options, { removed: id }, () => `removed ${id}; what was recorded of it stays`);
}
