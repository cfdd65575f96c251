import type { Reader } from '@platformatic/kafka';
import type { AbortedTransaction } from './record-batch-reader.js';
import { readStructures } from './tagged-fields.js';
import { createAPI, fetchV13, ResponseError } from './protocol.js';

export interface FetchedBytes {
  readonly topicId: string;
  readonly partition: number;
  /** The end of what is committed: the offset after it. */
  readonly lastStableOffset: number;
  /** The end of all that is written, committed or not. */
  readonly highWatermark: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches; the last may be cut off. */
  readonly records: Buffer;
}

const NO_BYTES = Buffer.alloc(0);

/** What an error calls the partition that it is of. */
export const fetchPath = (topicId: string, partition: number): string => `/${topicId}/${partition}`;

/** The answer to a fetch (version 13) without taking its records apart; the request is the library's. */
function parseAnswer(_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): FetchedBytes[] {
  const failures: Record<string, [number, null]> = {};
  reader.readInt32(); // throttle time
  const errorCode = reader.readInt16();
  if (errorCode !== 0) failures['/'] = [errorCode, null];
  reader.readInt32(); // session
  const found = readStructures(reader, (topic) => {
    const topicId = topic.readUUID();
    return readStructures(topic, (part): FetchedBytes => {
      const partition = part.readInt32();
      const partitionError = part.readInt16();
      if (partitionError !== 0) failures[fetchPath(topicId, partition)] = [partitionError, null];
      const highWatermark = Number(part.readInt64());
      const lastStableOffset = Number(part.readInt64());
      part.readInt64(); // log start
      const aborted = readStructures(part, (entry) => {
        return { producerId: entry.readInt64(), firstOffset: entry.readInt64() };
      });
      part.readInt32(); // preferred replica
      const bytes = part.readUnsignedVarInt() - 1;
      const records = bytes > 0 ? part.buffer.subarray(part.position, part.position + bytes).buffer : NO_BYTES;
      if (bytes > 0) part.skip(bytes);
      return { topicId, partition, lastStableOffset, highWatermark, aborted, records };
    });
  }).flat();
  if (Object.keys(failures).length > 0) throw new ResponseError(apiKey, apiVersion, failures, found);
  return found;
}

type FetchArguments = Parameters<typeof fetchV13.createRequest>;

export const fetchRecords = createAPI<FetchArguments, FetchedBytes[]>(1, 13, fetchV13.createRequest, parseAnswer);
