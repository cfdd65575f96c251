import { createAPI, produceV11, Writer } from '@platformatic/kafka';

/** A finished batch for one partition. */
export interface BatchBytes {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** A produce request (version 11) of finished batches, at most one per partition. Answers are the library's. */
function createRequest(
  transactionalId: string | null,
  acks: number,
  timeoutMs: number,
  batches: readonly BatchBytes[],
): Writer {
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

type ProduceArguments = Parameters<typeof createRequest>;

export const produceBatches = createAPI<ProduceArguments, produceV11.ProduceResponse>(
  0,
  11,
  createRequest,
  produceV11.parseResponse,
);
