import { NwsError } from './nws-error.js';

export type Endpoint =
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

/** By content: what the endpoints differ in. */
export function endpointOf(name: string, body: unknown): Endpoint {
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
