import { crc32 } from 'node:zlib';
import type { StateIdentity, StateProgress } from '../state-backend.js';

/**
 * What a state file says of itself, as one row of JSON with its checksum, rewritten with every batch. The row is small, and what it tells
 * is true of exactly the rows that were committed with it.
 */
export interface StateHeader extends StateIdentity {
  readonly progress: StateProgress;
  readonly tables: readonly TableEntry[];
}

/** A table `t<id>` of the file. */
export interface TableEntry {
  readonly id: number;
  readonly store: string;
  readonly segment: number;
  readonly rows: number;
}

export const checksumOf = (text: string): number => crc32(Buffer.from(text));

/** The reason why a file is of no use, or its header. `identity`: whose state is wanted. */
export function readHeader(text: unknown, checksum: unknown, identity: StateIdentity): StateHeader | string {
  if (typeof text !== 'string' || checksumOf(text) !== checksum) return 'its header is damaged';
  const header = JSON.parse(text) as StateHeader;
  if (header.applicationId !== identity.applicationId || header.taskId !== identity.taskId)
    return `it belongs to ${header.applicationId}, task ${header.taskId}`;
  if (header.fingerprint !== identity.fingerprint) return 'it was written by another plan of the query';
  return header;
}
