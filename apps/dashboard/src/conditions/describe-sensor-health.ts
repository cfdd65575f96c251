import { z } from 'zod';
import type { SensorHealthRecord } from './records.js';

const statuses = ['SILENT', 'STUCK', 'IMPOSSIBLE', 'EMPTY', 'FAR', 'CLOCK_AHEAD', 'CLOCK_BEHIND'] as const;

const flaggedSensorSchema = z.object({
  sensorId: z.string(),
  status: z.enum(statuses),
  temperatureF: z.number().nullable().describe('its last reading'),
  stationTemperatureF: z.number().nullable().describe('the official station at that time'),
  lastReadingAt: z.number().nullable(),
  clockOffsetMs: z
    .number()
    .nullable()
    .describe('CLOCK_AHEAD: how far its clock is ahead of ours; CLOCK_BEHIND, negative: how far behind its neighbours'),
});

export const sensorHealthSchema = z.object({
  sensors: z.number().describe('how many spoke within the last day'),
  flaggedSensors: z.number().describe('how many of them cannot be trusted now'),
  flagged: z.array(flaggedSensorSchema).describe('ten of those at most, by id'),
});
export type SensorHealth = z.output<typeof sensorHealthSchema>;
type FlaggedSensor = z.output<typeof flaggedSensorSchema>;

/** A sensor that has said nothing for so long is taken for gone. */
const goneAfterMs = 24 * 3_600_000;
/** A card has room for some; the table SENSOR_HEALTH has them all. */
const flaggedMax = 10;

/** The sessions that find a silent sensor leave out a clock that is ahead; here it is known when such a sensor spoke. */
const silentAfterMs = 150_000;

function statusOf(record: SensorHealthRecord, now: number): FlaggedSensor['status'] | undefined {
  const status = statuses.find((each) => each === record.STATUS);
  if (status !== 'CLOCK_AHEAD') return status;
  const spokeAt = (record.LAST_READING_AT ?? now) - (record.AHEAD_MS ?? 0);
  return now - spokeAt > silentAfterMs ? 'SILENT' : status;
}

function clockOffsetOf(status: FlaggedSensor['status'], record: SensorHealthRecord): number | null {
  if (status === 'CLOCK_AHEAD') return record.AHEAD_MS;
  return status === 'CLOCK_BEHIND' && record.BEHIND_MS !== null ? -record.BEHIND_MS : null;
}

/** The sensors of a city, and what is wrong with those that are flagged. */
export function describeSensorHealth(sensors: ReadonlyMap<string, SensorHealthRecord>, now: number): SensorHealth {
  const present = [...sensors].filter(([, { LAST_READING_AT: at }]) => at !== null && now - at <= goneAfterMs);
  const flagged = present.flatMap(([sensorId, record]): FlaggedSensor[] => {
    const status = statusOf(record, now);
    if (status === undefined) return [];
    return [
      {
        sensorId,
        status,
        temperatureF: record.TEMPERATURE_FAHRENHEIT,
        stationTemperatureF: record.STATION_TEMPERATURE_F,
        lastReadingAt: record.LAST_READING_AT,
        clockOffsetMs: clockOffsetOf(status, record),
      },
    ];
  });
  flagged.sort((a, b) => (a.sensorId < b.sensorId ? -1 : 1));
  return { sensors: present.length, flaggedSensors: flagged.length, flagged: flagged.slice(0, flaggedMax) };
}
