import { describe, expect, it } from '@jest/globals';
import type { WriteRecord } from '../ports/broker.js';
import { RecordColumns } from '../ports/record-columns.js';
import { PendingOutput } from './pending-output.js';

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

  it('has a letter for what could not be handled, and nothing after it was cleared', () => {
    const letter: WriteRecord = { topic: 'dead', key: null, value: null, timestamp: 1, headers: [] };
    const pending = new PendingOutput(undefined, false, ({ message }) => (message === 'bad' ? letter : undefined));
    const entry = (message: string) => ({ type: 'DESERIALIZATION_ERROR' as const, queryId: 'q', message, cause: [] });
    pending.onLog(entry('bad'));
    pending.onLog(entry('logged only'));
    expect(pending.take().letters).toEqual([letter]);
    pending.onLog(entry('bad'));
    pending.onSink(recordsOf('a=1'));
    pending.clear();
    expect(pending.take()).toEqual({ results: [], letters: [] });
  });

  it('is the newest of the records without key, which are one row', () => {
    const pending = new PendingOutput('out', true, () => undefined);
    pending.onSink(recordsOf('=1', 'a=1', '=2'));
    expect(pending.size).toBe(2);
    expect(textsOf(pending)).toEqual(['out a=1', 'out =2']);
  });

  it('counts its letters too, until they are taken', () => {
    const letter: WriteRecord = { topic: 'dead', key: null, value: null, timestamp: 1, headers: [] };
    const pending = new PendingOutput('out', true, () => letter);
    pending.onLog({ type: 'DESERIALIZATION_ERROR', queryId: 'q', message: 'bad', cause: [] });
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
