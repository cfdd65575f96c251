import { describe, expect, it } from '@jest/globals';
import type { RecordParts } from '../../ports/record-columns.js';
import { createSerde } from '../../serde/formats.js';
import { decodeWindowedKey } from '../../serde/windowed-key.js';
import { batchOf, record } from '../../testing/records.js';
import { BIGINT, STRING } from '../../types/sql-type.js';
import { RowSink, type EmittedRow } from './row-sink.js';
import { TopicSink, type TopicSinkOptions } from './topic-sink.js';

function sinkOf(extra: Partial<TopicSinkOptions> = {}) {
  const written: RecordParts[] = [];
  const bad: string[] = [];
  const sink = new TopicSink({
    isTable: false,
    keySerde: createSerde({
      columns: [{ name: 'K', type: STRING }],
      isKey: true,
      info: { format: 'KAFKA', properties: {} },
    }),
    valueSerde: createSerde({
      columns: [{ name: 'A', type: BIGINT }],
      isKey: false,
      info: { format: 'JSON', properties: {} },
    }),
    window: undefined,
    timestampOf: undefined,
    onBadTimestamp: () => bad.push('timestamp'),
    onBadRow: (target) => bad.push(target),
    output: (records) => written.push(...records),
    ...extra,
  });
  return { sink, written, bad };
}

describe('a topic sink', () => {
  it('writes key, value, time and the headers of the input', () => {
    const { sink, written } = sinkOf();
    const headers = [{ key: 'h', value: null }];
    sink.process(batchOf([record('k', [1], 5, { headers }), record('k', null, 6)]));
    expect(written).toEqual([
      { key: Buffer.from('k'), value: Buffer.from('{"A":1}'), timestamp: 5, headers },
      { key: Buffer.from('k'), value: null, timestamp: 6, headers: [] },
    ]);
  });

  it('puts the window behind the key', () => {
    const window = { type: 'SESSION' as const };
    const { sink, written } = sinkOf({ window });
    sink.process(batchOf([record('k', [1], 5, { window: [3, 5] })]));
    expect(decodeWindowedKey(written[0]!.key!, window)).toMatchObject({ windowStart: 3, windowEnd: 5 });
  });

  it('takes the time from the row, and the record’s own for a deletion in a table', () => {
    const { sink, written, bad } = sinkOf({ isTable: true, timestampOf: ({ values }, at) => Number(values[0]?.[at]) });
    sink.process(batchOf([record('k', [77], 5), record('k', [-7], 5), record('k', null, 6)]));
    expect(written.map(({ timestamp }) => timestamp)).toEqual([77, 6]);
    expect(bad).toEqual(['timestamp']);
  });

  it('reports what cannot be written and goes on', () => {
    const valueSerde = createSerde({
      columns: [{ name: 'A', type: BIGINT }],
      isKey: false,
      info: { format: 'KAFKA', properties: {} },
    });
    const { sink, written, bad } = sinkOf({ valueSerde });
    sink.process(batchOf([record('k', ['no number'], 5), record('k', [1], 6)]));
    expect(bad).toEqual(['value']);
    expect(written).toHaveLength(1);
  });
});

describe('a row sink', () => {
  it('gives deletions of tables, and no row for a stream’s record without a value', () => {
    const rows: EmittedRow[] = [];
    const push = (isTable: boolean) =>
      new RowSink({ isTable, output: (batch) => rows.push(...batch) }).process(batchOf([record('k', null, 1)]));
    push(false);
    expect(rows).toEqual([]);
    push(true);
    expect(rows).toMatchObject([{ key: ['k'], value: null, tombstone: true }]);
  });
});
