import type { WriteRecord } from './broker.js';

const RECORD_OVERHEAD_BYTES = 40;

/** An upper bound of what a record takes in a batch, in bytes. */
export function recordBytes({ key, value, headers }: Pick<WriteRecord, 'key' | 'value' | 'headers'>): number {
  let bytes = RECORD_OVERHEAD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) bytes += 10 + Buffer.byteLength(header.key) + (header.value?.length ?? 0);
  return bytes;
}
