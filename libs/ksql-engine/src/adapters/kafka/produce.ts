import type { Reader } from '@platformatic/kafka';
import { readStructures } from './tagged-fields.js';
import { createAPI, ResponseError, Writer } from './protocol.js';

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

function parseAnswer(_correlationId: number, apiKey: number, apiVersion: number, reader: Reader): ProducedBatch[] {
  const failures: Record<string, [number, string | null]> = {};
  const produced = readStructures(reader, (entry) => {
    const topic = entry.readString();
    return readStructures(entry, (part): ProducedBatch => {
      const partition = part.readInt32();
      const errorCode = part.readInt16();
      const firstOffset = Number(part.readInt64());
      part.readInt64(); // time of the append
      part.readInt64(); // log start
      const badRecords = readStructures(part, (record) => {
        record.readInt32();
        return record.readNullableString();
      });
      const message = part.readNullableString() ?? badRecords[0] ?? null;
      if (errorCode !== 0) failures[`/${topic}/${partition}`] = [errorCode, message];
      return { topic, partition, firstOffset };
    });
  }).flat();
  if (Object.keys(failures).length > 0) {
    const taken = produced.filter(({ topic, partition }) => !(`/${topic}/${partition}` in failures));
    throw new ResponseError(apiKey, apiVersion, failures, taken);
  }
  return produced;
}

/** The batches that the broker took although others of the same request failed; none for any other error. */
export function takenBatches(error: unknown): readonly ProducedBatch[] {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current instanceof ResponseError && Array.isArray(current['response']))
      return current['response'] as ProducedBatch[];
  }
  return [];
}

type ProduceArguments = Parameters<typeof createRequest>;

export const produceBatches = createAPI<ProduceArguments, ProducedBatch[]>(0, 11, createRequest, parseAnswer);
/** Begins a transaction, or adds to it, without being announced (see `beginsTransactionsImplicitly`). */
export const produceInTransaction = createAPI<ProduceArguments, ProducedBatch[]>(0, 12, createRequest, parseAnswer);
