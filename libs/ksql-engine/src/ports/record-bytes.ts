import type { RecordColumns, RecordParts } from './record-columns.js';
import { headerName, type RecordHeader } from './record-header.js';

const RECORD_OVERHEAD_BYTES = 40;

/** An upper bound of what a record takes in a batch, in bytes. */
export function recordBytes({ key, value, headers }: Pick<RecordParts, 'key' | 'value' | 'headers'>): number {
  return withHeaders((key?.length ?? 0) + (value?.length ?? 0), headers);
}

/** The same of the record of that number. */
export function recordBytesAt(records: RecordColumns, index: number): number {
  const { keyStarts, keyEnds, valueStarts, valueEnds, headers } = records;
  const keyStart = keyStarts[index] as number;
  const valueStart = valueStarts[index] as number;
  const keyBytes = keyStart < 0 ? 0 : (keyEnds[index] as number) - keyStart;
  const valueBytes = valueStart < 0 ? 0 : (valueEnds[index] as number) - valueStart;
  return withHeaders(keyBytes + valueBytes, headers[index] as readonly RecordHeader[]);
}

/** Keys and values of the records from number `from` to `to`. */
export function contentBytes(records: RecordColumns, from = 0, to = records.length): number {
  const { keyStarts, keyEnds, valueStarts, valueEnds } = records;
  let bytes = 0;
  for (let i = from; i < to; i++) {
    const [keyStart, valueStart] = [keyStarts[i] as number, valueStarts[i] as number];
    if (keyStart >= 0) bytes += (keyEnds[i] as number) - keyStart;
    if (valueStart >= 0) bytes += (valueEnds[i] as number) - valueStart;
  }
  return bytes;
}

function withHeaders(contentBytes: number, headers: readonly RecordHeader[]): number {
  let bytes = RECORD_OVERHEAD_BYTES + contentBytes;
  for (let i = 0; i < headers.length; i++) {
    const header = headers[i] as RecordHeader;
    bytes += header.encoded?.length ?? 10 + headerName(header.key).length + (header.value?.length ?? 0);
  }
  return bytes;
}
