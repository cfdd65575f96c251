import { CompactReader, createKafka, silentLog } from '@isobar/kafka';
import { askBroker } from './kafka-request.js';

export interface OpenTransaction {
  readonly id: string;
  readonly openMs: number;
  /** The topics it has written to: whoever reads committed records of them waits for its end. */
  readonly topics: readonly string[];
}

const timeoutMs = 3000;

/**
 * The transactions that have been open for longer than `forMs`, by the broker's own word (ListTransactions, then DescribeTransactions).
 * @throws when the broker does not answer
 */
export async function openTransactions(host: string, port: number, forMs: number): Promise<OpenTransaction[]> {
  const listed = await askBroker(host, port, listRequest(forMs), timeoutMs);
  const ids = readIds(new CompactReader(listed));
  if (ids.length === 0) return [];
  const described = await askBroker(host, port, describeRequest(ids), timeoutMs);
  return readTransactions(new CompactReader(described), Date.now()).filter(({ openMs }) => openMs >= forMs);
}

/**
 * Ends an open transaction as the broker would when its time is over: what it wrote is dropped, and its producer is told so with its next
 * request. A producer of the same id has the older one fenced before it begins.
 */
export async function abortTransaction(brokers: readonly string[], id: string): Promise<void> {
  const kafka = createKafka({ brokers, clientId: 'isobar-abort', log: silentLog });
  const producer = kafka.producer({ transactionalId: id, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  try {
    const transaction = await producer.transaction();
    await transaction.abort();
  } finally {
    await producer.disconnect();
  }
}

/** ListTransactions, version 1: array of states, array of producers, duration. */
function listRequest(forMs: number) {
  const duration = Buffer.alloc(8);
  duration.writeBigInt64BE(BigInt(forMs));
  const states = Buffer.concat([Buffer.from([2]), compactString('Ongoing')]);
  const body = Buffer.concat([states, Buffer.from([1]), duration, Buffer.from([0])]);
  return { apiKey: 66, version: 1, isFlexible: true, body };
}

/** throttle time, error, unknown states, then id, producer and state of each transaction */
function readIds(answer: CompactReader): string[] {
  answer.int32();
  const error = answer.int16();
  if (error !== 0) throw new Error(`the broker cannot list its transactions (error ${error})`);
  answer.array(() => answer.string());
  return answer.array(() => {
    const id = answer.string();
    answer.int64();
    answer.string();
    answer.skipTags();
    return id;
  });
}

/** DescribeTransactions, version 0: array of ids. */
function describeRequest(ids: readonly string[]) {
  const body = Buffer.concat([compactLength(ids.length), ...ids.map(compactString), Buffer.from([0])]);
  return { apiKey: 65, version: 0, isFlexible: true, body };
}

/** throttle time, then of each: error, id, state, time limit, start, producer and its epoch, topics with partitions */
function readTransactions(answer: CompactReader, nowMs: number): OpenTransaction[] {
  answer.int32();
  return answer.array(() => {
    answer.int16();
    const id = answer.string();
    const state = answer.string();
    answer.int32();
    const startedAtMs = answer.int64();
    answer.int64();
    answer.int16();
    const topics = answer.array(() => {
      const topic = answer.string();
      answer.array(() => answer.int32());
      answer.skipTags();
      return topic;
    });
    answer.skipTags();
    // One that has ended between the two questions is none any more.
    return { id, openMs: state === 'Ongoing' ? nowMs - startedAtMs : -1, topics };
  });
}

const compactString = (text: string): Buffer =>
  Buffer.concat([compactLength(Buffer.byteLength(text)), Buffer.from(text)]);

function compactLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length + 1;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}
