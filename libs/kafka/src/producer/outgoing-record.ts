/** A record to produce. A null value is a tombstone. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string | Buffer | readonly (string | Buffer)[] | undefined>>;
  /** Event time: milliseconds since the epoch in decimal. */
  readonly timestamp?: string;
  readonly partition?: number;
}

const recordOverheadBytes = 64;

/** What a record takes of the buffer. */
export const sizeOf = ({ key, value }: Pick<OutgoingRecord, 'key' | 'value'>): number =>
  recordOverheadBytes + (key === null ? 0 : Buffer.byteLength(key)) + (value === null ? 0 : Buffer.byteLength(value));

/** The record as kafkajs takes it. */
export function toMessage({ key, value, headers, timestamp, partition }: OutgoingRecord) {
  return {
    key,
    value,
    ...(headers === undefined ? {} : { headers: toHeaders(headers) }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(partition === undefined ? {} : { partition }),
  };
}

function toHeaders(
  headers: NonNullable<OutgoingRecord['headers']>,
): Record<string, string | Buffer | (string | Buffer)[]> {
  const result: Record<string, string | Buffer | (string | Buffer)[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    result[name] = typeof value === 'string' || Buffer.isBuffer(value) ? value : [...value];
  }
  return result;
}
