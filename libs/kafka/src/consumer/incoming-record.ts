import type { Batch, IHeaders } from 'kafkajs';

/** A record as it was read: bytes, place, time. */
export interface IncomingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: IHeaders;
  readonly timestampMs: number;
}

export const toIncomingRecord = (
  { topic, partition }: Pick<Batch, 'topic' | 'partition'>,
  {
    offset,
    key,
    value,
    headers,
    timestamp,
  }: Pick<Batch['messages'][number], 'offset' | 'key' | 'value' | 'headers' | 'timestamp'>,
): IncomingRecord => ({
  topic,
  partition,
  offset,
  key,
  value,
  headers: headers ?? {},
  timestampMs: Number(timestamp),
});
