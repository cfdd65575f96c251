import { citySchema, type City } from '@isobar/contracts';
import { z } from 'zod';
import {
  pointSchema,
  readAnswer,
  readEach,
  singleStationSchema,
  stationsSchema,
  type PointProperties,
} from './answers.js';
import type { NwsClient } from './nws-client.js';
import { NwsError } from './nws-error.js';
import { PlaceTroubles } from './place-troubles.js';
import { Refusals } from './refusals.js';

const dayMs = 86_400_000;
const stationsMax = 4;

/** Where a city lies in the service's eyes. */
export interface Place {
  /** The cell of the forecast grid, such as `OKX/33,35`; undefined at sea. */
  readonly cell: string | undefined;
  /** Forecast, county and fire weather zone, such as `NYZ072`. */
  readonly zones: readonly string[];
  /** Why the service did not confirm it today: then it is what was known before. */
  readonly trouble: NwsError | undefined;
}

interface Location {
  readonly isLand: boolean;
  /** Two letters. */
  readonly state: string | undefined;
  /** IANA name. */
  readonly timeZone: string | undefined;
  /** The cell of the forecast grid, such as `OKX/33,35`. */
  readonly cell: string | undefined;
}

/**
 * Resolves cities to cells, zones and stations: once a day, kept on disk. Offices redraw their grids, so a mapping that fails is
 * resolved again at once. While a place cannot be resolved, what was known of it goes on being used, whatever its age: a place
 * does not move because nobody answers.
 */
export class Places {
  private readonly known = new Map<string, string>();
  private readonly troubles: PlaceTroubles;

  constructor(
    private readonly client: NwsClient,
    private readonly onMoved: (city: City, from: string, to: string) => void = () => undefined,
    private readonly refusals = new Refusals(),
    now: () => number = Date.now,
  ) {
    this.troubles = new PlaceTroubles(now);
  }

  /** @param again asks although the answer is still fresh @throws NwsError when nothing was ever known of it */
  async placeOf(city: City, { again = false } = {}): Promise<Place> {
    const { point, trouble } = await this.pointOf(city, again);
    const cell = cellOf(point);
    const before = this.known.get(city.id);
    if (before !== undefined && cell !== undefined && before !== cell) this.onMoved(city, before, cell);
    if (cell !== undefined) this.known.set(city.id, cell);
    const { forecastZone, county, fireWeatherZone } = point;
    const zones = [forecastZone, county, fireWeatherZone].flatMap((url) => this.zoneOf(city, url));
    return { cell, zones: [...new Set(zones)], trouble };
  }

  /** Why a city's point cannot be resolved now. */
  troubleOf(city: City): NwsError | undefined {
    return this.troubles.of(pathOf(city));
  }

  /** What the service knows about a place that nobody polls yet. @throws NwsError, `outside-area` when it serves none such */
  async locate(latitude: number, longitude: number): Promise<Location> {
    const path = pathOf({ latitude, longitude });
    const { body } = await this.client.get(path, {
      minFreshMs: dayMs,
      retry: false,
      isUrgent: true,
      isUsable: isPoint,
    });
    const point = readAnswer(pointSchema, body, 'point').properties;
    if (!saysAnything(body)) throw new NwsError('unusable-answer', 'The point says nothing of the place');
    const { timeZone, forecastZone, county } = point;
    // Zones begin with the state's two letters; the nearest town may lie across the border.
    const state = /\/([A-Z]{2})[CZ]\d{3}$/.exec(county ?? forecastZone ?? '')?.[1];
    const zone = citySchema.shape.timeZone.safeParse(timeZone);
    return { isLand: isLand(point), state, timeZone: zone.data, cell: cellOf(point) };
  }

  /** Asks about the city's cell; when the cell has moved, resolves the city again and asks once more. @throws NwsError */
  async inCell<Result>(city: City, ask: (cell: string) => Promise<Result>): Promise<Result> {
    const cell = mustHaveCell(city, await this.placeOf(city));
    try {
      return await ask(cell);
    } catch (error) {
      if (!(error instanceof NwsError) || (error.kind !== 'moved-grid' && error.kind !== 'outside-area')) throw error;
      const fresh = mustHaveCell(city, await this.placeOf(city, { again: true }));
      if (fresh === cell) throw error;
      return ask(fresh);
    }
  }

  /**
   * The stations nearest to a city, airports first: they deliver everything, others often only a part.
   *
   * @throws NwsError when none was ever known
   */
  async stationsOf(city: City): Promise<readonly string[]> {
    const isUsable = (body: unknown): boolean => stationIds(body).length > 0;
    let body: unknown;
    try {
      body = await this.inCell(
        city,
        async (cell) =>
          (await this.client.get(stationsPath(cell), { minFreshMs: dayMs, isUrgent: true, isUsable })).body,
      );
      readAnswer(stationsSchema, body, 'list of stations');
    } catch (error) {
      const cell = this.known.get(city.id);
      const kept = cell === undefined ? undefined : await this.client.kept(stationsPath(cell), isUsable);
      if (!(error instanceof NwsError) || kept === undefined) throw error;
      body = kept;
    }
    const ids = stationIds(body, (reason, detail) =>
      this.refusals.note({ what: 'station', reason, place: city.id, detail }),
    );
    const airports = ids.filter((id) => /^[KP][A-Z]{3}$/.test(id));
    return [...airports, ...ids.filter((id) => !airports.includes(id))].slice(0, stationsMax);
  }

  private async pointOf(
    city: City,
    again: boolean,
  ): Promise<{ readonly point: PointProperties; readonly trouble: NwsError | undefined }> {
    const path = pathOf(city);
    try {
      const body = await this.troubles.watch(path, async () => {
        const answer = await this.client.get(path, {
          minFreshMs: dayMs,
          ignoreCache: again,
          isUrgent: true,
          isUsable: isPoint,
        });
        readAnswer(pointSchema, answer.body, 'point');
        if (!isPoint(answer.body)) throw new NwsError('unusable-answer', 'The point names neither a cell nor a zone');
        return answer.body;
      });
      return { point: readAnswer(pointSchema, body, 'point').properties, trouble: undefined };
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      const kept = await this.client.kept(path, isPoint);
      if (kept === undefined) throw error;
      return { point: readAnswer(pointSchema, kept, 'point').properties, trouble: error };
    }
  }

  /** `https://…/zones/county/NYC061` is `NYC061`. An odd one in the list of zones would be refused with all the others. */
  private zoneOf(city: City, url: string | null | undefined): readonly string[] {
    if (url === null || url === undefined) return [];
    const zone = url.split('/').at(-1) ?? '';
    if (/^[A-Z]{2}[CZ]\d{3}$/.test(zone)) return [zone];
    this.refusals.note({ what: 'zone', reason: 'no zone', place: city.id, detail: url.slice(0, 200) });
    return [];
  }
}

const pathOf = ({ latitude, longitude }: Pick<City, 'latitude' | 'longitude'>): string =>
  `/points/${canonical(latitude)},${canonical(longitude)}`;

const stationsPath = (cell: string): string => `/gridpoints/${cell}/stations`;

function stationIds(
  body: unknown,
  onOdd: (reason: string, detail: string) => void = () => undefined,
): readonly string[] {
  const list = stationsSchema.safeParse(body);
  if (!list.success) return [];
  const stations = readEach(singleStationSchema, list.data.features, onOdd);
  return [...new Set(stations.map(({ properties }) => properties.stationIdentifier))];
}

/** Whether an answer places anything: in a cell or in a zone. */
function isPoint(body: unknown): boolean {
  const point = pointSchema.safeParse(body);
  if (!point.success) return false;
  const { forecastZone, county, fireWeatherZone } = point.data.properties;
  return (
    cellOf(point.data.properties) !== undefined ||
    [forecastZone, county, fireWeatherZone].some((zone) => zone !== null && zone !== undefined)
  );
}

/** Nulls say that there is nothing; an answer without any of the fields says nothing at all. */
function saysAnything(body: unknown): boolean {
  const answer = z.looseObject({ properties: z.looseObject({}) }).safeParse(body);
  if (!answer.success) return false;
  const { properties } = answer.data;
  return ['gridId', 'gridX', 'gridY', 'type', 'forecastZone', 'county'].some((field) => field in properties);
}

/** Coasts and lakes: the first two letters of their zones, where land has those of its state. */
const marineZone = /\/(?:A[MN]|GM|L[CEHMOS]|P[HKMSZ]|SL)Z\d{3}$/;

/** Sea says so, or has a zone of the sea; what has a county is land, whatever else is missing. */
function isLand({ type, county, forecastZone }: PointProperties): boolean {
  if (type !== null && type !== undefined) return type.toLowerCase() !== 'marine';
  if (county !== null && county !== undefined) return true;
  return !marineZone.test(forecastZone ?? '');
}

function cellOf({ gridId, cwa, gridX, gridY }: PointProperties): string | undefined {
  const office = gridId ?? cwa ?? undefined;
  const isKnown = office !== undefined && typeof gridX === 'number' && typeof gridY === 'number';
  return isKnown ? `${office}/${gridX},${gridY}` : undefined;
}

function mustHaveCell(city: City, { cell, trouble }: Place): string {
  if (cell !== undefined) return cell;
  throw (
    trouble ??
    new NwsError('outside-area', `The forecast grid has no cell for ${city.name}, ${city.state}: it lies at sea`)
  );
}

/** Four decimals at most and no trailing zero: anything else is answered with a redirect. */
export const canonical = (degrees: number): string => String(Math.round(degrees * 10_000) / 10_000 + 0);
