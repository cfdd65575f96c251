import type { Reader } from '@platformatic/kafka';
import type { AbortedTransaction } from './record-batch-reader.js';
import { readStructures } from './tagged-fields.js';
import { createAPI, fetchV13, protocolErrorsCodesById, ResponseError } from './protocol.js';

export interface FetchedBytes {
  readonly topicId: string;
  readonly partition: number;
  /** Kafka's name for why the partition could not be read; undefined when it could. */
  readonly error: string | undefined;
  /** The end of what is committed: the offset after it. */
  readonly lastStableOffset: number;
  /** The end of all that is written, committed or not. */
  readonly highWatermark: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches; the last may be cut off. */
  readonly records: Buffer;
}

const NO_BYTES = Buffer.alloc(0);
/** So much more than its own bytes a part of an answer may keep in memory. */
const SHARED_BYTES_MAX = 16 * 1024;

/**
 * The answer to a fetch (version 13) without taking its records apart; the request is the library's.
 * @throws ResponseError when the request failed as a whole
 */
function parseAnswer(_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): FetchedBytes[] {
  reader.readInt32(); // throttle time
  const errorCode = reader.readInt16();
  reader.readInt32(); // session
  const found = readStructures(reader, (topic) => {
    const topicId = topic.readUUID();
    return readStructures(topic, (part): FetchedBytes => {
      const partition = part.readInt32();
      const partitionError = part.readInt16();
      const error =
        partitionError === 0 ? undefined : (protocolErrorsCodesById[partitionError] ?? `code ${partitionError}`);
      const highWatermark = Number(part.readInt64());
      const lastStableOffset = Number(part.readInt64());
      part.readInt64(); // log start
      const aborted = readStructures(part, (entry) => {
        return { producerId: entry.readInt64(), firstOffset: entry.readInt64() };
      });
      part.readInt32(); // preferred replica
      const bytes = part.readUnsignedVarInt() - 1;
      const records = bytes > 0 ? compact(part.buffer.subarray(part.position, part.position + bytes).buffer) : NO_BYTES;
      if (bytes > 0) part.skip(bytes);
      return { topicId, partition, error, lastStableOffset, highWatermark, aborted, records };
    });
  }).flat();
  if (errorCode !== 0) throw new ResponseError(apiKey, apiVersion, { '/': [errorCode, null] }, found);
  return found;
}

/** Few bytes of a large piece of an answer get memory of their own: they may wait for long, and would keep the whole piece so long. */
function compact(bytes: Buffer): Buffer {
  return bytes.buffer.byteLength > SHARED_BYTES_MAX + 2 * bytes.length ? Buffer.from(bytes) : bytes;
}

type FetchArguments = Parameters<typeof fetchV13.createRequest>;

export const fetchRecords = createAPI<FetchArguments, FetchedBytes[]>(1, 13, fetchV13.createRequest, parseAnswer);
