import { describe, expect, it } from '@jest/globals';
import type { ProcessingLogEntry } from '../ports/ports.js';
import { FetchedRecords, RecordColumns } from '../ports/record-columns.js';
import { PendingOutput } from './pending-output.js';

const LETTER = { topic: 'dead', timestamp: 9, headers: [{ key: 'why', value: Buffer.from('so') }] };
const bad = (record: ProcessingLogEntry['record'], message = 'bad'): ProcessingLogEntry => {
  return { type: 'DESERIALIZATION_ERROR', queryId: 'q', message, cause: [], record };
};
const RECORD = { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 1, headers: [] };

const recordsOf = (...texts: readonly string[]): RecordColumns =>
  RecordColumns.of(
    texts.map((text) => {
      const [key = '', value = ''] = text.split('=');
      return {
        key: key === '' ? null : Buffer.from(key),
        value: value === '' ? null : Buffer.from(value),
        timestamp: 1,
        headers: [],
      };
    }),
  );

const textsOf = (pending: PendingOutput): readonly string[] =>
  pending
    .take()
    .results.flatMap(({ topic, records }) =>
      Array.from(
        records,
        ({ key, value }) => `${topic} ${Buffer.from(key ?? []).toString()}=${Buffer.from(value ?? []).toString()}`,
      ),
    );

describe('the output between two commits', () => {
  it('is all of it for a stream, in order', () => {
    const pending = new PendingOutput('out', false, () => undefined);
    pending.onSink(recordsOf('a=1', '=2'));
    pending.onSink(recordsOf('a=3'));
    expect(pending.size).toBe(3);
    expect(textsOf(pending)).toEqual(['out a=1', 'out =2', 'out a=3']);
    expect([pending.size, textsOf(pending)]).toEqual([0, []]);
  });

  it('is the newest record of each key for a table, each at its own place', () => {
    const pending = new PendingOutput('out', true, () => undefined);
    pending.onSink(recordsOf('a=1', 'b=1', 'a=2'));
    pending.onSink(recordsOf('c=1', 'b=', 'd=1', 'c=2'));
    expect(pending.size).toBe(4);
    expect(textsOf(pending)).toEqual(['out a=2', 'out b=', 'out d=1', 'out c=2']);
    pending.onSink(recordsOf('a=3'));
    expect(textsOf(pending)).toEqual(['out a=3']);
  });

  it('holds on to few of the records of a table that later ones have replaced', () => {
    const pending = new PendingOutput('out', true, () => undefined);
    const value = Buffer.alloc(1024 * 1024);
    const held = () => pending.take().results[0]?.records.buffers.length;
    for (let n = 0; n < 40; n++) pending.onSink(RecordColumns.of([{ ...RECORD, value }]));
    expect([pending.size, pending.isFull]).toEqual([1, false]);
    expect(held()).toBeLessThan(8);
    for (let n = 0; n < 20_000; n++) pending.onSink(recordsOf('a=1', `b=${n}`));
    expect(held()).toBeLessThan(4_000);
    for (let n = 0; n < 20_000; n++) pending.onSink(recordsOf(`c=${n}`, `${n % 3}=${n}`));
    expect(textsOf(pending)).toEqual(['out 2=19997', 'out 0=19998', 'out c=19999', 'out 1=19999']);
  });

  it('has a letter for what could not be handled, and nothing after it was cleared', () => {
    const pending = new PendingOutput(undefined, false, ({ message }) => (message === 'bad' ? LETTER : undefined));
    pending.onLog(bad(RECORD));
    pending.onLog(bad(RECORD, 'logged only'));
    pending.onLog(bad(undefined));
    const { letters } = pending.take();
    expect(letters.map(({ topic, records }) => [topic, ...records])).toEqual([
      ['dead', { key: Buffer.from('k'), value: Buffer.from('v'), timestamp: 9, headers: LETTER.headers }],
    ]);
    pending.onLog(bad(RECORD));
    pending.onSink(recordsOf('a=1'));
    pending.clear();
    expect(pending.take()).toEqual({ results: [], letters: [] });
  });

  it('has the letters of each topic together, and copies nothing of what was fetched', () => {
    const pending = new PendingOutput(undefined, false, ({ message }) => ({ ...LETTER, topic: message }));
    const fetched = FetchedRecords.of([
      { ...RECORD, partition: 0, offset: 0 },
      { ...RECORD, key: null, partition: 0, offset: 1 },
    ]);
    pending.onLog(bad(fetched.inPlace(1), 'one'));
    pending.onLog(bad(fetched.inPlace(0), 'one'));
    pending.onLog(bad(RECORD, 'other'));
    const { letters } = pending.take();
    expect(letters.map(({ topic, records }) => [topic, ...Array.from(records, ({ key }) => String(key))])).toEqual([
      ['one', 'null', 'k'],
      ['other', 'k'],
    ]);
    expect(letters[0]?.records.buffers).toEqual([fetched.parts.buffers[1], fetched.parts.buffers[0]]);
    expect(letters[0]?.records.buffers[0]).toBe(fetched.parts.buffers[1]);
  });

  it.each([
    ['letters', (pending: PendingOutput, value: Buffer) => pending.onLog(bad({ ...RECORD, value }))],
    ['results', (pending: PendingOutput, value: Buffer) => pending.onSink(RecordColumns.of([{ ...RECORD, value }]))],
    [
      'rows of a table',
      (pending: PendingOutput, value: Buffer, key: Buffer) =>
        pending.onSink(RecordColumns.of([{ ...RECORD, key, value }])),
    ],
  ])('is full by the bytes of its %s too, until they are taken', (kind, fill) => {
    const pending = new PendingOutput('out', kind === 'rows of a table', () => LETTER);
    const value = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 15; i++) fill(pending, value, Buffer.from([i]));
    expect(pending.isFull).toBe(false);
    fill(pending, value, Buffer.from([15]));
    expect(pending.isFull).toBe(true);
    pending.take();
    expect(pending.isFull).toBe(false);
  });

  it('is full by what its letters keep of the fetches that they came with', () => {
    const pending = new PendingOutput('out', false, () => LETTER);
    const fetched = Array.from({ length: 8 }, () => {
      const records = new FetchedRecords();
      const bytes = Buffer.alloc(2 * 1024 * 1024);
      for (const start of [0, 100]) {
        records.parts.append(bytes, -1, -1, start, start + 100, 1, []);
        records.place(0, start);
      }
      return records;
    });
    const fill = (record: number, from: number, to: number): void => {
      for (const records of fetched.slice(from, to)) pending.onLog(bad(records.inPlace(record)));
    };
    fill(0, 0, 7);
    fill(1, 0, 7);
    expect(pending.isFull).toBe(false);
    fill(0, 7, 8);
    expect(pending.isFull).toBe(true);
    pending.take();
    fill(0, 0, 7);
    expect(pending.isFull).toBe(false);
  });

  it('is full by their number', () => {
    const pending = new PendingOutput('out', false, () => LETTER);
    const few = RecordColumns.of(Array.from({ length: 49_999 }, () => RECORD));
    pending.onSink(few);
    expect(pending.isFull).toBe(false);
    pending.onLog(bad(RECORD));
    expect(pending.isFull).toBe(true);
  });

  it('is the newest of the records without key, which are one row', () => {
    const pending = new PendingOutput('out', true, () => undefined);
    pending.onSink(recordsOf('=1', 'a=1', '=2'));
    expect(pending.size).toBe(2);
    expect(textsOf(pending)).toEqual(['out a=1', 'out =2']);
  });

  it('counts its letters too, until they are taken', () => {
    const pending = new PendingOutput('out', true, () => LETTER);
    pending.onLog(bad(RECORD));
    pending.onSink(recordsOf('a=1', 'b=1'));
    expect(pending.size).toBe(3);
    pending.take();
    expect([pending.size, pending.take()]).toEqual([0, { results: [], letters: [] }]);
  });

  it('is nothing where a query writes to no topic', () => {
    const pending = new PendingOutput(undefined, false, () => undefined);
    pending.onSink(recordsOf('a=1'));
    expect(pending.take().results).toEqual([]);
  });
});
