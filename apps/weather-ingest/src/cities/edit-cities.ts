import {
  addedTo,
  CitiesFileError,
  CityCatalog,
  cityId,
  citySchema,
  readAllCities,
  readCities,
  writeAddedCities,
  writeCities,
  type CitiesFiles,
  type City,
} from '@isobar/contracts';
import { Problem } from '@isobar/service-kit';
import { z } from 'zod';
import { NwsError } from '../nws/nws-error.js';
import type { Places } from '../nws/places.js';
import { isNoRoom } from '../cache-files.js';
import { knownPlace } from './known-places.js';
import { isWithin, states } from './us-states.js';

export const newCitySchema = z
  .strictObject({
    name: citySchema.shape.name,
    state: citySchema.shape.state,
    latitude: citySchema.shape.latitude.optional().describe('degrees north; known by itself for larger cities'),
    longitude: citySchema.shape.longitude.optional().describe('degrees east, so negative in America'),
    timeZone: citySchema.shape.timeZone.optional().describe('IANA name; the weather service knows it'),
  })
  .refine(({ name, state }) => citySchema.shape.id.safeParse(cityId(name, state)).success, {
    path: ['name'],
    error: 'must have letters of the Latin alphabet or digits: the id of the city is made of them',
  });
export type NewCity = z.output<typeof newCitySchema>;

/** A city that was added, and how sure it is that the weather service serves it. */
export interface AddedCity {
  readonly city: City;
  readonly areaCheck: 'weather-service' | 'rough';
  /** The cell of the forecast grid that the weather service named. */
  readonly cell: string | undefined;
}

export interface EditCitiesOptions extends CitiesFiles {
  readonly asksWeatherService: boolean;
  /** A service that hangs must not keep a person waiting; then the rough check has to do. */
  readonly patienceMs: number;
}

/** Nearer than this two entries are the same place. */
const samePlaceKm = 2;

/** Adds and removes cities: beside the list that everybody follows, or in the list itself where there is no place beside it. */
export class EditCities {
  constructor(
    private readonly catalog: CityCatalog,
    private readonly places: Pick<Places, 'locate'>,
    private readonly options: EditCitiesOptions,
  ) {}

  private editing: Promise<unknown> = Promise.resolve();

  /** What was recorded of it stays in the topics. @throws Problem when there is no such city */
  remove(id: string): Promise<City> {
    return this.inTurn(async () => {
      const cities = this.read();
      const city = cities.find((each) => each.id === id);
      if (city === undefined)
        throw Problem.notFound('No such city', `There is no city "${id}"; GET /cities lists them.`);
      this.write(cities.filter((each) => each !== city));
      return city;
    });
  }

  /** @throws Problem with the reason: unknown coordinates, a duplicate, a place elsewhere or outside the service's area */
  async add(wanted: NewCity): Promise<AddedCity> {
    const state = states[wanted.state];
    if (state === undefined)
      throw Problem.validation([
        { pointer: '/state', detail: `"${wanted.state}" is no state or territory that the weather service serves` },
      ]);
    const { latitude, longitude } = coordinatesOf(wanted);
    if (!isWithin(state, latitude, longitude))
      throw Problem.validation([
        {
          pointer: longitude > 0 && isWithin(state, latitude, -longitude) ? '/longitude' : '/latitude',
          detail:
            longitude > 0 && isWithin(state, latitude, -longitude)
              ? `${longitude} is in the eastern hemisphere; did you mean -${longitude}?`
              : `${latitude}, ${longitude} is not in ${state.name}`,
        },
      ]);
    refuseDuplicate(this.read(), cityId(wanted.name, wanted.state), latitude, longitude);

    const located = await this.ask(latitude, longitude);
    if (located !== undefined && (!located.isLand || located.cell === undefined))
      throw outsideArea(
        `${latitude}, ${longitude} is at sea${located.isLand ? ' or beyond the forecast grid' : ''}; the weather service has no forecast of that kind for it.`,
      );
    const locatedIn = states[located?.state ?? ''];
    if (locatedIn !== undefined && located?.state !== wanted.state)
      throw Problem.validation([
        {
          pointer: '/state',
          detail: `the weather service finds ${latitude}, ${longitude} in ${locatedIn.name}, not in ${state.name}`,
        },
      ]);
    const city: City = {
      id: cityId(wanted.name, wanted.state),
      name: wanted.name,
      state: wanted.state,
      latitude,
      longitude,
      timeZone: wanted.timeZone ?? located?.timeZone ?? state.timeZone,
    };
    await this.inTurn(async () => {
      // Somebody may have added it while the weather service was asked.
      const cities = this.read();
      refuseDuplicate(cities, city.id, latitude, longitude);
      this.write([...cities, city]);
    });
    return { city, areaCheck: located === undefined ? 'rough' : 'weather-service', cell: located?.cell };
  }

  /** @returns undefined when the service gives no answer now */
  private async ask(latitude: number, longitude: number) {
    if (!this.options.asksWeatherService) return undefined;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), this.options.patienceMs);
    });
    try {
      return await Promise.race([this.places.locate(latitude, longitude), patience]);
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      if (error.kind === 'outside-area' || error.kind === 'bad-request') throw outsideArea(error.message);
      return undefined;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The files rather than the catalogue: somebody may have edited them a moment ago. */
  private read(): readonly City[] {
    try {
      return readAllCities(this.options);
    } catch (error) {
      if (!(error instanceof CitiesFileError)) throw error;
      throw new Problem(409, {
        type: 'conflict',
        title: 'The cities file cannot be used',
        detail: `${error.message}\nSet it right by hand first: an edit would lose what is in it.`,
      });
    }
  }

  private write(cities: readonly City[]): void {
    const { file, addedFile } = this.options;
    try {
      if (addedFile === undefined) writeCities(file, cities);
      else writeAddedCities(addedFile, addedTo(readCities(file), cities));
    } catch (error) {
      if (isNoRoom(error))
        throw new Problem(507, {
          type: 'no-room',
          title: 'There is no room on the disk',
          detail: `${addedFile ?? file} cannot be written. Make room and try again; nothing was changed.`,
        });
      if (typeof error !== 'object' || error === null || !('code' in error)) throw error;
      throw new Problem(409, {
        type: 'read-only',
        title: 'The cities file cannot be written',
        detail: `${addedFile ?? file}: ${String(error)}. Let this service write the folder, or edit the file by hand.`,
      });
    }
    this.catalog.refresh();
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const next = this.editing.then(work);
    this.editing = next.catch(() => undefined);
    return next;
  }
}

function coordinatesOf({ name, state, latitude, longitude }: NewCity): { latitude: number; longitude: number } {
  if (latitude !== undefined && longitude !== undefined) return { latitude, longitude };
  const known = latitude === undefined && longitude === undefined ? knownPlace(name, state) : undefined;
  if (known !== undefined) return known;
  throw Problem.validation(
    [...(latitude === undefined ? ['latitude'] : []), ...(longitude === undefined ? ['longitude'] : [])].map(
      (field) => ({ pointer: `/${field}`, detail: `must be given: ${name}, ${state} is not among the known places` }),
    ),
  );
}

function refuseDuplicate(cities: readonly City[], id: string, latitude: number, longitude: number): void {
  const same = cities.find((city) => city.id === id);
  const near = cities.find((city) => distanceKm(city, { latitude, longitude }) < samePlaceKm);
  const other = same ?? near;
  if (other === undefined) return;
  throw new Problem(409, {
    type: 'already-exists',
    title: 'The city is there already',
    detail:
      same === undefined
        ? `${other.name}, ${other.state} (${other.id}) is at the same place: ${other.latitude}, ${other.longitude}.`
        : `There is a city "${id}" already, at ${other.latitude}, ${other.longitude}.`,
  });
}

const outsideArea = (reason: string): Problem =>
  new Problem(422, {
    type: 'outside-area',
    title: "The place is outside the weather service's area",
    detail: reason,
  });

interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/** Exact enough for neighbours: a degree of latitude is 111 km, one of longitude shrinks towards the poles. */
function distanceKm(a: Coordinates, b: Coordinates): number {
  const north = (a.latitude - b.latitude) * 111;
  const east = (a.longitude - b.longitude) * 111 * Math.cos((a.latitude * Math.PI) / 180);
  return Math.hypot(north, east);
}
