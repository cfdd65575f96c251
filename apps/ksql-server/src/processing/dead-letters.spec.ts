import { expect, it } from '@jest/globals';
import { fromDeadLetterRecord } from '@isobar/kafka/dead-letter';
import type { ProcessingLogEntry } from '@isobar/ksql-engine';
import { DeadLetters } from './dead-letters.js';

const record = {
  key: Buffer.from('k'),
  value: Buffer.from('{'),
  timestamp: 7,
  headers: [
    { key: 'trace', value: Buffer.from('t') },
    { key: 'dead-letter-topic', value: Buffer.from('elsewhere') },
  ],
};
const entry: ProcessingLogEntry = {
  type: 'DESERIALIZATION_ERROR',
  queryId: 'Q',
  message: 'bad',
  topic: 'readings',
  partition: 2,
  offset: 9,
  cause: ['why', 'and why'],
  record,
};

const read = (letter: ReturnType<DeadLetters['of']>) => {
  if (letter === undefined) throw new Error('there is no letter');
  const { topic, timestamp, headers } = letter;
  const { key, value } = record;
  return fromDeadLetterRecord({
    topic,
    partition: 0,
    offset: '0',
    timestampMs: timestamp,
    key,
    value,
    headers: Object.fromEntries(
      headers.map((header) => [header.key, header.value ? Buffer.from(header.value) : undefined]),
    ),
  });
};

it('a dead letter is of the one convention: bytes, place, reason and the record’s own headers', () => {
  const letters = new DeadLetters(() => 100);
  expect(read(letters.of(entry))).toEqual({
    id: 'readings:2:9',
    topic: 'readings',
    partition: 2,
    offset: '9',
    timestampMs: 7,
    key: record.key,
    value: record.value,
    headers: { trace: Buffer.from('t') },
    service: 'ksql-server Q',
    reason: 'bad: and why',
    stack: '',
    at: 100,
  });
});

it('letters of what was never written have ids of their own', () => {
  const letters = new DeadLetters(() => 100);
  const ids = [1, 2].map(() => read(letters.of({ ...entry, offset: undefined }))?.id);
  expect(new Set(ids).size).toBe(2);
});

it('what is about no record makes no letter', () => {
  expect(new DeadLetters(() => 100).of({ ...entry, record: undefined })).toBeUndefined();
});
