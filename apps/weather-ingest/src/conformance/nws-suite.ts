import {
  weatherAlertV1,
  weatherForecastV1,
  weatherObservationV1,
  type City,
  type EventRecord,
} from '@isobar/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { toAlertEvent } from '../alerts/to-alert-event.js';
import { rawGridToForecastEvents } from '../forecasts/raw-grid-to-forecast.js';
import { toForecastEvents, type ForecastKind } from '../forecasts/to-forecast-events.js';
import {
  alertsSchema,
  forecastSchema,
  observationListSchema,
  observationSchema,
  pointSchema,
  rawGridSchema,
  readAnswer,
  singleStationSchema,
  stationsSchema,
} from '../nws/answers.js';
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

type Endpoint =
  | 'points'
  | 'stations'
  | 'station'
  | 'observation'
  | 'observations'
  | 'forecast'
  | 'forecast-hourly'
  | 'raw-grid'
  | 'alerts'
  | 'problem';

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
      return `cell ${gridId ?? cwa}/${gridX},${gridY}`;
    }
    case 'stations':
      return `${readAnswer(stationsSchema, body, 'list of stations').features.length} stations`;
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
        features.flatMap(({ properties }) => {
          const alert = toAlertEvent(city, properties, fetchedAtMs);
          return alert === undefined ? [] : [weatherAlertV1.toRecord(alert.key, alert.value)];
        }),
      );
    }
  }
}

function observationRecord(body: unknown): EventRecord {
  const answer = readAnswer(observationSchema, body, 'observation');
  const stationId = answer.properties.station?.split('/').at(-1) ?? 'unknown';
  const { value } = toObservationEvent(city, stationId, answer, fetchedAtMs);
  return weatherObservationV1.toRecord(city.id, value);
}

const describe = (records: readonly EventRecord[]): string =>
  records.length === 0 ? 'no event, as nothing is there' : `${records.length} events of ${records[0]?.headers.schema}`;

/** By content: what the endpoints differ in. */
function endpointOf(name: string, body: unknown): Endpoint {
  if (typeof body !== 'object' || body === null) throw new NwsError('unusable-answer', 'The answer is no object');
  const properties = objectAt(body, 'properties');
  if ('features' in body && Array.isArray(body.features)) {
    const first: unknown = body.features[0];
    const firstProperties = typeof first === 'object' && first !== null ? objectAt(first, 'properties') : undefined;
    if (firstProperties !== undefined && 'stationIdentifier' in firstProperties) return 'stations';
    if (firstProperties !== undefined && 'messageType' in firstProperties) return 'alerts';
    if (firstProperties !== undefined && 'timestamp' in firstProperties) return 'observations';
    if ('observationStations' in body || /(^|\/)stations/.test(name)) return 'stations';
    return /observation/.test(name) ? 'observations' : 'alerts';
  }
  if (properties === undefined) {
    if (
      'status' in body ||
      'correlationId' in body ||
      'parameterErrors' in body ||
      /problems\//.test(textAt(body, 'type'))
    )
      return 'problem';
    throw new NwsError('unusable-answer', 'The answer has neither properties nor features');
  }
  if ('periods' in properties) {
    const isHourly = /hourly/i.test(`${name} ${textAt(properties, 'forecastGenerator')}`);
    return isHourly ? 'forecast-hourly' : 'forecast';
  }
  if ('timestamp' in properties) return 'observation';
  if ('stationIdentifier' in properties) return 'station';
  if ('forecastHourly' in properties || 'observationStations' in properties) return 'points';
  if ('updateTime' in properties || 'relativeHumidity' in properties) return 'raw-grid';
  throw new NwsError('unusable-answer', 'The answer is of no endpoint that we ask');
}

function objectAt(value: object, key: string): object | undefined {
  const child: unknown = (value as Record<string, unknown>)[key];
  return typeof child === 'object' && child !== null ? child : undefined;
}

const textAt = (value: object, key: string): string => String((value as Record<string, unknown>)[key] ?? '');

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
