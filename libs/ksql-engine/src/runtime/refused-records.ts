import type { RefusedRecord, TopicRecords, WriteBatch, WriteRecord } from '../ports/broker.js';
import type { ProcessingLogEntry } from '../ports/ports.js';
import { RecordColumns, type RecordParts } from '../ports/record-columns.js';

/** What a query writes: its results, the state of its stores, and the dead letters of both. */
export type WrittenKind = 'result' | 'state' | 'letter';

const SAID: Readonly<Record<WrittenKind, (queryId: string) => string>> = {
  result: (queryId) => `A result of ${queryId} was left out`,
  state: (queryId) => `The state of one key of ${queryId} was not kept, a restart goes back to the one before`,
  letter: (queryId) => `A dead letter of ${queryId} was left out`,
};

/** What the processing log says of a record that the broker does not take. */
export function refusalEntry(queryId: string, kind: WrittenKind, refused: RefusedRecord): ProcessingLogEntry {
  const { topic, partition, reason, key, value, timestamp, headers } = refused;
  return {
    type: 'PRODUCTION_ERROR',
    queryId,
    message: `${SAID[kind](queryId)}: topic ${topic} does not take it: ${reason}`,
    topic,
    partition,
    cause: [],
    fault: 'refused',
    record: { key, value, timestamp, headers },
  };
}

/** What was written without what was refused. */
export function withoutRefused(batch: WriteBatch, refused: readonly RefusedRecord[]): WriteBatch {
  if (refused.length === 0) return batch;
  const ids = new Set(refused.map((record) => idOf(record.topic, record)));
  return batch.flatMap((written): (TopicRecords | WriteRecord)[] => {
    const { topic } = written;
    if (!('records' in written)) return ids.has(idOf(topic, written)) ? [] : [written];
    const taken = [...written.records].filter((record) => !ids.has(idOf(topic, record)));
    return [{ ...written, records: RecordColumns.of(taken) }];
  });
}

/** Records that are equal are refused together. */
const idOf = (topic: string, { key, value, timestamp }: RecordParts): string =>
  [topic, timestamp, ...[key, value].map((bytes) => bytes && Buffer.from(bytes).toString('latin1'))].join('|');
