import type { SeenRecord } from '../kafka-observer.js';
import { maskText } from './masks.js';
import type { RecordedBytes, RecordedRecord } from './recording.js';

/**
 * Why the records of a topic differ from the recorded ones: per partition and key the same, in the same order. Offsets are not
 * compared, since the markers of transactions take some.
 */
export function compareRecords(expected: readonly RecordedRecord[], actual: readonly SeenRecord[]): string | undefined {
  const wanted = expected.map((record) =>
    line(record.partition ?? 0, record.timestamp, text(record.key), text(record.value), headersOf(record)),
  );
  const got = actual.map((record) =>
    line(
      record.partition,
      record.timestamp,
      seenText(record.key),
      seenText(record.value),
      record.headers.map((h) => [h.key, seenText(h.value)]),
    ),
  );
  if (perKey(wanted) === perKey(got)) return undefined;
  return `records:\nexpected\n${show(wanted)}\ngot\n${show(got)}`;
}

interface Line {
  readonly key: string;
  readonly text: string;
}

function line(
  partition: number,
  timestamp: number,
  key: string | null,
  value: string | null,
  headers: readonly (readonly [string, string | null])[],
): Line {
  // Records without a key go wherever the producer pleases.
  const place = key === null ? '-' : String(partition);
  const body = `${place} @${timestamp} ${JSON.stringify(key)} ${JSON.stringify(value)}`;
  return {
    key: `${place} ${String(key)}`,
    text: maskText(headers.length > 0 ? `${body} ${JSON.stringify(headers)}` : body),
  };
}

const perKey = (lines: readonly Line[]): string =>
  [...Map.groupBy(lines, ({ key }) => key)]
    .map(([, ofKey]) => ofKey.map((item) => item.text).join('\n'))
    .sort()
    .join('\n');

const show = (lines: readonly Line[]): string =>
  lines
    .map((item) => `  ${item.text}`)
    .join('\n')
    .slice(0, 2500);

const headersOf = (record: RecordedRecord): readonly (readonly [string, string | null])[] =>
  Object.entries(record.headers ?? {}).map(([key, value]) => [key, text(value)]);

const text = (bytes: RecordedBytes): string | null =>
  bytes === null || typeof bytes === 'string' ? bytes : `hex:${bytes.hex}`;

/** As the recordings show bytes: text where it is printable, else hexadecimal. */
function seenText(bytes: Buffer | null): string | null {
  if (bytes === null) return null;
  const asText = bytes.toString('utf8');
  const isPrintable = Buffer.from(asText, 'utf8').equals(bytes) && !/[^\P{Cc}\t\n\r]/u.test(asText);
  return isPrintable ? asText : `hex:${bytes.toString('hex')}`;
}

export const bytesOf = (bytes: RecordedBytes): Buffer | null =>
  bytes === null ? null : typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes.hex, 'hex');
