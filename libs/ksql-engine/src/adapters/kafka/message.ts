import type { MessageRecord } from '@platformatic/kafka';
import type { RecordHeader } from '../../operators/record.js';
import type { WriteRecord } from '../../ports/broker.js';

/** Kafka's client library takes Buffers and a Map of headers; a null key or value is a null. */
export function toMessage(record: WriteRecord, partition: number): MessageRecord {
  const message = {
    topic: record.topic,
    partition,
    key: asBuffer(record.key),
    value: asBuffer(record.value),
    timestamp: BigInt(Math.max(0, Math.trunc(record.timestamp))),
  } as unknown as MessageRecord;
  if (record.headers.length > 0) message.headers = toHeaders(record.headers);
  return message;
}

const asBuffer = (bytes: Uint8Array | null): Buffer | null =>
  bytes === null
    ? null
    : Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function toHeaders(headers: readonly RecordHeader[]): Map<Buffer, Buffer> {
  // Keyed by Buffer identity, so repeated header names survive in order.
  return new Map(headers.map((header) => [Buffer.from(header.key), asBuffer(header.value) as Buffer]));
}
