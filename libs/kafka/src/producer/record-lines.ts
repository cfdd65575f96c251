import type { OutgoingRecord } from './outgoing-record.js';

type Packed = string | { readonly base64: string } | null;

interface Line {
  readonly topic: string;
  readonly key: Packed;
  readonly value: Packed;
  readonly headers?: Readonly<Record<string, Packed | readonly Packed[]>>;
  readonly timestamp?: string;
  readonly partition?: number;
}

const pack = (data: string | Buffer | null): Packed =>
  Buffer.isBuffer(data) ? { base64: data.toString('base64') } : data;

const unpack = (packed: Packed): string | Buffer | null =>
  typeof packed === 'object' && packed !== null ? Buffer.from(packed.base64, 'base64') : packed;

/** One record a line of JSON; keys, values and headers that are bytes in base64. */
export const toLines = (records: readonly OutgoingRecord[]): Buffer => Buffer.from(records.map(toLine).join(''));

/** @throws when a line is not one of `toLines` */
export const fromLines = (lines: Uint8Array): readonly OutgoingRecord[] =>
  Buffer.from(lines)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map(fromLine);

function toLine({ topic, key, value, headers, timestamp, partition }: OutgoingRecord): string {
  const line: Line = {
    topic,
    key: pack(key),
    value: pack(value),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).flatMap(([name, header]) => {
              if (header === undefined) return [];
              return [[name, typeof header === 'string' || Buffer.isBuffer(header) ? pack(header) : header.map(pack)]];
            }),
          ),
        }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(partition === undefined ? {} : { partition }),
  };
  return `${JSON.stringify(line)}\n`;
}

export function fromLine(text: string): OutgoingRecord {
  const { topic, key, value, headers, timestamp, partition } = JSON.parse(text) as Line;
  if (typeof topic !== 'string' || key === undefined || value === undefined)
    throw new Error('this line holds no record');
  return {
    topic,
    key: unpack(key),
    value: unpack(value),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, header]) => [
              name,
              Array.isArray(header)
                ? header.map((item: Packed) => unpack(item) ?? '')
                : (unpack(header as Packed) ?? ''),
            ]),
          ),
        }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(partition === undefined ? {} : { partition }),
  };
}
