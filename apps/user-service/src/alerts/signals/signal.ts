import { BadRecordError, type IncomingRecord } from '@isobar/kafka';
import { z } from 'zod';
import type { Sample } from '../life/types.js';

/** As the queries of ksql/40-alerts write them. */
const valueSchema = z.object({
  VALUE: z.number().nullable(),
  EVENT_AT: z.int().nullable(),
  EVENT_ID: z.string().nullable(),
});

/** A value that a limit was told. */
export interface Signal {
  readonly limitId: number;
  readonly sample: Sample;
}

/**
 * @param heardAtMs when it was read, epoch milliseconds
 * @returns undefined when it tells of no value: nobody asks for the limit any more, or nothing measured it
 * @throws BadRecordError when it is no signal
 */
export function readSignal(record: IncomingRecord, heardAtMs: number): Signal | undefined {
  const limitId = Number(record.key?.toString());
  if (record.key === null || !Number.isSafeInteger(limitId))
    throw new BadRecordError(`the key is no id of a limit: ${record.key?.toString().slice(0, 40) ?? 'none'}`);
  if (record.value === null) return undefined;
  const { VALUE: value, EVENT_AT: atMs, EVENT_ID: eventId } = parse(record.value);
  if (value === null || atMs === null) return undefined;
  const { topic, partition, offset } = record;
  const place = { topic, partition, offset: Number(offset), eventId: eventId ?? `${topic}/${partition}/${offset}` };
  return { limitId, sample: { atMs, value, heardAtMs, place } };
}

function parse(bytes: Buffer): z.output<typeof valueSchema> {
  try {
    return valueSchema.parse(JSON.parse(bytes.toString()));
  } catch (error) {
    throw new BadRecordError(`the value is no signal: ${error instanceof Error ? error.message : String(error)}`);
  }
}
