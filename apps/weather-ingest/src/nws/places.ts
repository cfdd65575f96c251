import type { City } from '@isobar/contracts';
import { pointSchema, readAnswer, stationsSchema, type PointProperties } from './answers.js';
import type { NwsClient } from './nws-client.js';
import { NwsError } from './nws-error.js';

const dayMs = 86_400_000;
const stationsMax = 4;

/** Where a city lies in the service's eyes. */
export interface Place {
  /** The cell of the forecast grid, such as `OKX/33,35`. */
  readonly cell: string;
  /** Forecast, county and fire weather zone, such as `NYZ072`. */
  readonly zones: readonly string[];
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
 * resolved again at once.
 */
export class Places {
  constructor(
    private readonly client: NwsClient,
    private readonly onMoved: (city: City, from: string, to: string) => void = () => undefined,
  ) {}

  private readonly known = new Map<string, string>();

  /** @param again asks although the answer is still fresh @throws NwsError */
  async placeOf(city: City, { again = false } = {}): Promise<Place> {
    const path = `/points/${canonical(city.latitude)},${canonical(city.longitude)}`;
    const { body } = await this.client.get(path, { minFreshMs: dayMs, ignoreCache: again, isUrgent: true });
    const point = readAnswer(pointSchema, body, 'point').properties;
    const { forecastZone, county, fireWeatherZone } = point;
    const cell = cellOf(point);
    if (cell === undefined) throw new NwsError('unusable-answer', 'The point names no office');
    const before = this.known.get(city.id);
    if (before !== undefined && before !== cell) this.onMoved(city, before, cell);
    this.known.set(city.id, cell);
    const zones = [forecastZone, county, fireWeatherZone].flatMap((url) => url?.split('/').at(-1) ?? []);
    return { cell, zones: [...new Set(zones)] };
  }

  /** What the service knows about a place that nobody polls yet. @throws NwsError, `outside-area` when it serves none such */
  async locate(latitude: number, longitude: number): Promise<Location> {
    const path = `/points/${canonical(latitude)},${canonical(longitude)}`;
    const { body } = await this.client.get(path, { minFreshMs: dayMs, retry: false, isUrgent: true });
    const point = readAnswer(pointSchema, body, 'point').properties;
    const { type, timeZone, forecastZone, county } = point;
    // Zones begin with the state's two letters; the nearest town may lie across the border.
    const state = /\/([A-Z]{2})[CZ]\d{3}$/.exec(county ?? forecastZone ?? '')?.[1];
    return { isLand: type !== 'marine', state, timeZone: timeZone ?? undefined, cell: cellOf(point) };
  }

  /** Asks about the city's cell; when the cell has moved, resolves the city again and asks once more. @throws NwsError */
  async inCell<Result>(city: City, ask: (cell: string) => Promise<Result>): Promise<Result> {
    const { cell } = await this.placeOf(city);
    try {
      return await ask(cell);
    } catch (error) {
      if (!(error instanceof NwsError) || (error.kind !== 'moved-grid' && error.kind !== 'outside-area')) throw error;
      const fresh = await this.placeOf(city, { again: true });
      if (fresh.cell === cell) throw error;
      return ask(fresh.cell);
    }
  }

  /** The stations nearest to a city, airports first: they deliver everything, others often only a part. @throws NwsError */
  async stationsOf(city: City): Promise<readonly string[]> {
    const body = await this.inCell(
      city,
      async (cell) =>
        (await this.client.get(`/gridpoints/${cell}/stations`, { minFreshMs: dayMs, isUrgent: true })).body,
    );
    const ids = readAnswer(stationsSchema, body, 'list of stations').features.map(
      ({ properties }) => properties.stationIdentifier,
    );
    const airports = ids.filter((id) => /^[KP][A-Z]{3}$/.test(id));
    return [...airports, ...ids.filter((id) => !airports.includes(id))].slice(0, stationsMax);
  }
}

const cellOf = ({ gridId, cwa, gridX, gridY }: PointProperties): string | undefined => {
  const office = gridId ?? cwa;
  return office === null || office === undefined ? undefined : `${office}/${gridX},${gridY}`;
};

/** Four decimals at most and no trailing zero: anything else is answered with a redirect. */
export const canonical = (degrees: number): string => String(Math.round(degrees * 10_000) / 10_000 + 0);
