import {
  weatherAlertV1,
  weatherForecastV1,
  weatherObservationV1,
  type City,
  type EventRecord,
} from '@isobar/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { toAlertEvents } from '../alerts/to-alert-event.js';
import { rawGridToForecastEvents } from '../forecasts/raw-grid-to-forecast.js';
import { toForecastEvents, type ForecastKind } from '../forecasts/to-forecast-events.js';
import {
  alertSchema,
  alertsSchema,
  forecastSchema,
  observationListSchema,
  observationSchema,
  pointSchema,
  rawGridSchema,
  readAnswer,
  readEach,
  singleStationSchema,
  stationsSchema,
} from '../nws/answers.js';
import { endpointOf } from '../nws/endpoint-of.js';
import { classifyProblem, NwsError } from '../nws/nws-error.js';
import { toObservationEvent } from '../observations/to-observation-event.js';

/** What became of one recorded answer. */
export interface NwsCaseResult {
  readonly suite: 'nws';
  readonly file: string;
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'known-gap' | 'skipped';
  readonly reason: string;
}

/** A recording says where, but a mapping needs a city; any will do. */
const city: City = {
  id: 'anywhere-ks',
  name: 'Anywhere',
  state: 'KS',
  latitude: 39.7456,
  longitude: -97.0892,
  timeZone: 'America/Chicago',
};
const fetchedAtMs = Date.parse('2026-11-01T00:00:00Z');

/**
 * Maps every recorded answer below a folder to events that pass their schema, or, where the answer is an error or tells nothing,
 * to a classified error. What an answer is shows in its content; folder and file names only settle what content leaves open.
 *
 * @param filter a part of the case's name
 */
export async function runNwsSuite(casesFolder: string, filter = ''): Promise<readonly NwsCaseResult[]> {
  const entries = await readdir(casesFolder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && /\.(json|geojson|html)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const results: NwsCaseResult[] = [];
  for (const file of files) {
    const name = file.slice(casesFolder.length).replace(/^\//, '');
    if (!name.includes(filter)) continue;
    results.push({ suite: 'nws', file: basename(file), name, ...judge(name, await readFile(file, 'utf8')) });
  }
  return results;
}

function judge(name: string, text: string): Pick<NwsCaseResult, 'outcome' | 'reason'> {
  try {
    return { outcome: 'passed', reason: mapAnswer(name, text) };
  } catch (error) {
    if (error instanceof NwsError)
      return { outcome: 'passed', reason: `classified as ${error.kind}: ${error.message}` };
    return { outcome: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns what it became, in words. @throws NwsError when it is classified as an error; any other error is a failure of ours. */
function mapAnswer(name: string, text: string): string {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw classifyProblem(statusOf(name) ?? 502, text);
  }
  const endpoint = endpointOf(name, body);
  switch (endpoint) {
    case 'problem':
      throw classifyProblem(numberAt(body, 'status') ?? statusOf(name) ?? 500, text);
    case 'points': {
      const { gridId, cwa, gridX, gridY } = readAnswer(pointSchema, body, 'point').properties;
      if (typeof gridX !== 'number' || typeof gridY !== 'number')
        throw new NwsError('outside-area', 'The point has no cell in the forecast grid');
      return `cell ${gridId ?? cwa}/${gridX},${gridY}`;
    }
    case 'stations':
      return `${readEach(singleStationSchema, readAnswer(stationsSchema, body, 'list of stations').features, leaveOut).length} stations`;
    case 'station':
      return `station ${readAnswer(singleStationSchema, body, 'station').properties.stationIdentifier}`;
    case 'observation':
      return describe([observationRecord(body)]);
    case 'observations': {
      const { features } = readAnswer(observationListSchema, body, 'list of observations');
      if (features.length === 0) throw new NwsError('no-data', 'The station has no observation');
      return describe(features.map(observationRecord));
    }
    case 'forecast':
    case 'forecast-hourly': {
      const kind: ForecastKind = endpoint === 'forecast' ? 'daily' : 'hourly';
      const answer = readAnswer(forecastSchema, body, 'forecast');
      return describe(
        toForecastEvents(city, kind, answer, fetchedAtMs).map((event) => weatherForecastV1.toRecord(city.id, event)),
      );
    }
    case 'raw-grid':
      return describe(
        rawGridToForecastEvents(city, readAnswer(rawGridSchema, body, 'grid'), fetchedAtMs).map((event) =>
          weatherForecastV1.toRecord(city.id, event),
        ),
      );
    case 'alerts': {
      const { features } = readAnswer(alertsSchema, body, 'list of warnings');
      return describe(
        readEach(alertSchema, features, leaveOut).flatMap(({ properties }) =>
          toAlertEvents(city, properties, fetchedAtMs).map(({ key, value }) => weatherAlertV1.toRecord(key, value)),
        ),
      );
    }
  }
}

/** An odd element is left out alone. */
const leaveOut = (): void => undefined;

function observationRecord(body: unknown): EventRecord {
  const answer = readAnswer(observationSchema, body, 'observation');
  const stationId = answer.properties.station?.split('/').at(-1) ?? 'unknown';
  const { value } = toObservationEvent(city, stationId, answer, fetchedAtMs);
  return weatherObservationV1.toRecord(city.id, value);
}

const describe = (records: readonly EventRecord[]): string =>
  records.length === 0 ? 'no event, as nothing is there' : `${records.length} events of ${records[0]?.headers.schema}`;

function numberAt(value: unknown, key: string): number | undefined {
  const child: unknown =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  return typeof child === 'number' ? child : undefined;
}

/** `503-unavailable-2019.json` is an answer with status 503. */
const statusOf = (name: string): number | undefined => {
  const digits = /(?:^|\/)([45]\d\d)-/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};
