import type { Reader } from '@platformatic/kafka';
import { readStructures } from './tagged-fields.js';
import { createAPI, protocolErrorsCodesById, ResponseError, Writer } from './protocol.js';

/** A finished batch for one partition. */
export interface BatchBytes {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** Where a batch came to lie. */
export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
}

/** A batch that the broker does not take because of its records. */
export interface RefusedBatch {
  readonly topic: string;
  readonly partition: number;
  /** Kafka's name for it. */
  readonly error: string;
  readonly message: string | null;
  /** Those to blame, by their number in the batch, where the broker tells. */
  readonly records: readonly { readonly index: number; readonly message: string | null }[];
}

export interface ProduceAnswer {
  readonly taken: readonly ProducedBatch[];
  readonly refused: readonly RefusedBatch[];
}

/** Of the records: too large, too many bytes together, a time out of bounds, a missing key where one is needed. */
const MESSAGE_TOO_LARGE = 10;
const RECORD_LIST_TOO_LARGE = 18;
const INVALID_TIMESTAMP = 32;
const INVALID_RECORD = 87;
const OF_RECORDS = new Set([MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE, INVALID_TIMESTAMP, INVALID_RECORD]);

/** A produce request (version 11 or 12, laid out alike) of finished batches, at most one per partition. */
function createRequest(
  transactionalId: string | null,
  acks: number,
  timeoutMs: number,
  batches: readonly BatchBytes[],
): InstanceType<typeof Writer> {
  const byTopic = [...Map.groupBy(batches, ({ topic }) => topic)];
  return Writer.create()
    .appendString(transactionalId)
    .appendInt16(acks)
    .appendInt32(timeoutMs)
    .appendArray(byTopic, (writer, [topic, parts]) => {
      writer.appendString(topic).appendArray(parts, (inner, { partition, bytes }) => {
        inner
          .appendInt32(partition)
          .appendUnsignedVarInt(bytes.length + 1)
          .append(bytes);
      });
    })
    .appendTaggedFields();
}

/** @throws ResponseError when a batch failed for another reason than its records; `produceAnswer` finds what became of the others */
function parseAnswer(_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): ProduceAnswer {
  const failures: Record<string, [number, string | null]> = {};
  const taken: ProducedBatch[] = [];
  const refused: RefusedBatch[] = [];
  readStructures(reader, (entry) => {
    const topic = entry.readString();
    readStructures(entry, (part) => {
      const partition = part.readInt32();
      const errorCode = part.readInt16();
      const firstOffset = Number(part.readInt64());
      part.readInt64(); // time of the append
      part.readInt64(); // log start
      const records = readStructures(part, (record) => {
        return { index: record.readInt32(), message: record.readNullableString() };
      });
      const message = part.readNullableString();
      if (errorCode === 0) taken.push({ topic, partition, firstOffset });
      else if (OF_RECORDS.has(errorCode)) {
        refused.push({ topic, partition, error: protocolErrorsCodesById[errorCode] ?? '', message, records });
      } else failures[`/${topic}/${partition}`] = [errorCode, message ?? records[0]?.message ?? null];
    });
  });
  const answer: ProduceAnswer = { taken, refused };
  if (Object.keys(failures).length > 0) throw new ResponseError(apiKey, apiVersion, failures, answer);
  return answer;
}

const NO_ANSWER: ProduceAnswer = { taken: [], refused: [] };

/** What became of the other batches of a request that failed; of none for any other error. */
export function produceAnswer(error: unknown): ProduceAnswer {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (!(current instanceof ResponseError)) continue;
    const response = current['response'] as ProduceAnswer | undefined;
    if (response?.taken !== undefined) return response;
  }
  return NO_ANSWER;
}

type ProduceArguments = Parameters<typeof createRequest>;

export const produceBatches = createAPI<ProduceArguments, ProduceAnswer>(0, 11, createRequest, parseAnswer);
/** Begins a transaction, or adds to it, without being announced (see `beginsTransactionsImplicitly`). */
export const produceInTransaction = createAPI<ProduceArguments, ProduceAnswer>(0, 12, createRequest, parseAnswer);
