import { z } from 'zod';
import type { WeatherHealthRecord } from './records.js';

/** The words that sensors have, as far as they can be said of a station. */
const flaggedStationSchema = z.object({
  stationId: z.string().nullable().describe('null: not known, or of the weather as a whole'),
  status: z.enum(['SILENT', 'IMPOSSIBLE', 'CLOCK_AHEAD']),
  lastReadingAt: z.number().nullable().describe('SILENT: when the weather was last observed'),
  clockOffsetMs: z.number().nullable().describe('CLOCK_AHEAD: how far its observations, which are refused, are ahead'),
});

export const weatherHealthSchema = z.object({
  observations: z.number().describe('how many were checked'),
  flaggedObservations: z.number().describe('how many of them were left out'),
  flagged: z.array(flaggedStationSchema).describe('what cannot be trusted now'),
});
export type WeatherHealth = z.output<typeof weatherHealthSchema>;

/** A station as weather-ingest sees its clock. */
export interface FastStation {
  readonly stationId: string;
  readonly aheadMs: number;
}

/** What is known of the weather of a city besides its values. */
export interface WeatherTrust {
  readonly record: WeatherHealthRecord | null;
  readonly fastStations: readonly FastStation[];
  /** When it was last observed, and how old that may get. */
  readonly lastObservedAt: number | null;
  readonly silentAfterMs: number;
}

export function describeWeatherHealth(
  { record, fastStations, lastObservedAt, silentAfterMs }: WeatherTrust,
  now: number,
): WeatherHealth {
  const flagged: WeatherHealth['flagged'] = [];
  const none = { lastReadingAt: null, clockOffsetMs: null };
  if (lastObservedAt !== null && now - lastObservedAt > silentAfterMs)
    flagged.push({ ...none, stationId: null, status: 'SILENT', lastReadingAt: lastObservedAt });
  if (record?.STATUS === 'IMPOSSIBLE') flagged.push({ ...none, stationId: record.STATION_ID, status: 'IMPOSSIBLE' });
  for (const { stationId, aheadMs } of fastStations)
    flagged.push({ ...none, stationId, status: 'CLOCK_AHEAD', clockOffsetMs: aheadMs });
  return {
    observations: record?.OBSERVATIONS ?? 0,
    flaggedObservations: record?.FLAGGED_OBSERVATIONS ?? 0,
    flagged,
  };
}
