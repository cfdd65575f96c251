import { describe, expect, it } from '@jest/globals';
import { FetchedRecords, type FetchedRecord } from '../../ports/record-columns.js';
import { createSerde } from '../../serde/formats.js';
import { MemoryKeyValueStore } from '../../state/memory/key-value-store.js';
import { feed, record, RecordingOutput, windowedKey } from '../../testing/records.js';
import type { RecordBatch } from '../record-batch.js';
import { INTEGER, STRING } from '../../types/sql-type.js';
import { Materialize } from './materialize.js';
import { RecordDecoder, type DecoderOptions } from './record-decoder.js';
import { Source } from './source.js';

const raw = (key: string | null, value: string | null, timestamp = 1): FetchedRecord => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  timestamp,
  headers: [],
  partition: 0,
  offset: 7,
});

function sourceOf(isTable: boolean, extra: Partial<DecoderOptions> = {}) {
  const out = new RecordingOutput();
  const bad: string[] = [];
  const decoder = new RecordDecoder({
    keySerde: createSerde({
      columns: [{ name: 'K', type: STRING }],
      isKey: true,
      info: { format: 'KAFKA', properties: {} },
    }),
    valueSerde: createSerde({
      columns: [{ name: 'A', type: INTEGER }],
      isKey: false,
      info: { format: 'JSON', properties: {} },
    }),
    window: undefined,
    keyCount: 1,
    valueColumns: [{ body: 0, isNeeded: true }],
    putHeaders: undefined,
    timestampOf: undefined,
    latestMs: () => Infinity,
    onBadBytes: (target) => bad.push(target),
    onBadTimestamp: (_, cause) => bad.push(String(cause)),
    onTooFarAhead: (_, timestampMs) => bad.push(`ahead: ${timestampMs}`),
    onMissingKey: isTable ? () => bad.push('missing key') : undefined,
    ...extra,
  });
  return { out, bad, source: new Source({ decoder, output: out.output }) };
}

describe('a source', () => {
  it('leaves out and reports what it cannot read, and goes on', () => {
    const { source, out, bad } = sourceOf(false);
    source.push(FetchedRecords.of([raw('a', '{"A":1}'), raw('b', '{"A":"x"}'), raw('c', '{"A":2}')]));
    expect(out.take()).toEqual(['a [1] @1', 'c [2] @1']);
    expect(bad).toEqual(['value']);
  });

  it('passes deletions, and records without a key only of streams', () => {
    const stream = sourceOf(false);
    stream.source.push(FetchedRecords.of([raw(null, '{"A":1}'), raw('a', null)]));
    expect(stream.out.take()).toEqual(['no-key [1] @1', 'a gone @1']);
    const table = sourceOf(true);
    table.source.push(FetchedRecords.of([raw(null, '{"A":1}'), raw('a', null)]));
    expect(table.out.take()).toEqual(['a gone @1']);
    expect(table.bad).toEqual(['missing key']);
  });

  it('takes event time from the row and drops what has none', () => {
    const timestampOf: DecoderOptions['timestampOf'] = ({ values }, at) => {
      if (values[0]?.[at] === null) throw new Error('no time');
      return Number(values[0]?.[at]);
    };
    const { source, out, bad } = sourceOf(false, { timestampOf });
    source.push(
      FetchedRecords.of([raw('a', '{"A":5}'), raw('b', '{"A":null}'), raw('c', '{"A":-1}'), raw('d', null, 9)]),
    );
    expect(out.take()).toEqual(['a [5] @5', 'd gone @9']);
    expect(bad).toHaveLength(2);
  });

  it('drops negative timestamps', () => {
    const { source, out, bad } = sourceOf(false);
    source.push(FetchedRecords.of([raw('a', '{"A":5}', -1)]));
    expect(out.take()).toEqual([]);
    expect(bad).toHaveLength(1);
  });

  it('reads the window behind the key', () => {
    const window = { type: 'TUMBLING' as const, sizeMs: 10 };
    const { source, out } = sourceOf(true, { window });
    source.push(FetchedRecords.of([{ ...raw(null, '{"A":5}'), key: windowedKey('a', 20, 30, window) }]));
    expect(out.take()).toEqual(['a<20,30> [5] @1']);
  });
});

describe('a source with a bound of event times', () => {
  const bound = { latestMs: () => 100 };

  it.each([
    ['record', undefined],
    ['column', (batch: RecordBatch, at: number): number => (batch.values[0] as readonly number[])[at] as number],
  ])('leaves out what lies beyond it by the time of its %s, and nothing else', (_, timestampOf) => {
    const { source, out, bad } = sourceOf(false, { ...bound, timestampOf });
    source.push(FetchedRecords.of([99, 100, 101, 5].map((time) => raw('a', `{"A":${time}}`, time))));
    expect(out.take()).toEqual(['a [99] @99', 'a [100] @100', 'a [5] @5']);
    expect(bad).toEqual(['ahead: 101']);
  });

  it('judges a deletion by its own time where others have a column for it', () => {
    const { source, out, bad } = sourceOf(true, { ...bound, timestampOf: () => 1 });
    source.push(FetchedRecords.of([raw('a', null, 101), raw('b', null, 100)]));
    expect(out.take()).toEqual(['b gone @100']);
    expect(bad).toEqual(['ahead: 101']);
  });
});

describe('a materialised table', () => {
  it('knows the row before each change, per window', () => {
    const out = new RecordingOutput();
    const materialize = new Materialize({ store: new MemoryKeyValueStore(), output: out.output });
    expect(
      feed(materialize, out, [
        record('a', [1], 1),
        record('a', [2], 2),
        record('a', [3], 3, { window: [0, 10] }),
        record('a', null, 4),
        record('a', null, 5),
      ]),
    ).toEqual([['a [1] @1'], ['a [2] was [1] @2'], ['a<0,10> [3] @3'], ['a gone was [2] @4'], ['a gone @5']]);
  });
});
