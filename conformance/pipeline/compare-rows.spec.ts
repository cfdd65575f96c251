import { describe, expect, it } from '@jest/globals';
import { compareRow, compareRows, finalRow, rowsByKey, type ComparedRow, type Leniency } from './compare-rows.js';
import type { TopicRow } from './recording.js';

const STRICT: Leniency = { ignored: new Set(), isSumOrderFree: false };

const row = (cells: Readonly<Record<string, string>>): ComparedRow => new Map(Object.entries(cells));

const topicRow = (key: Buffer | string | null, value: string | null, timestamp = 0): TopicRow => ({
  key: key === null ? null : Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
  timestamp,
});

const windowKey = (key: string, ...times: readonly number[]): Buffer =>
  Buffer.concat([
    Buffer.from(key),
    ...times.map((ms) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(BigInt(ms));
      return bytes;
    }),
  ]);

describe('the rows of a topic', () => {
  it('are told apart by key, in order, numbers as they are written', () => {
    const rows = [topicRow('a', '{"N":40.0}', 7), topicRow('b', '{"N":1}'), topicRow('a', null, 9)];
    expect(rowsByKey(rows, { windowBytes: 0 })).toEqual(
      new Map([
        ['a', [row({ ROWTIME: '7', N: '40.0' }), null]],
        ['b', [row({ ROWTIME: '0', N: '1' })]],
      ]),
    );
  });

  it('of a window are told with its start, of a session with start and end', () => {
    const name = (key: Buffer, windowBytes: number) => [...rowsByKey([topicRow(key, null)], { windowBytes }).keys()];
    expect(name(windowKey('a', 60_000), 8)).toEqual(['a 1970-01-01T00:01:00.000Z']);
    expect(name(windowKey('a', 61_000, 60_000), 16)).toEqual(['a 1970-01-01T00:01:00.000Z 1970-01-01T00:01:01.000Z']);
  });

  it('of a stream are told apart by a column, too', () => {
    const rows = [topicRow('a', '{"ID":"x"}'), topicRow(null, '{"ID":"x"}'), topicRow('a', '{"ID":null}')];
    expect([...rowsByKey(rows, { windowBytes: 0, column: 'ID' }).keys()]).toEqual(['a x', 'none x', 'a null']);
  });

  it('that are no objects are refused with what they are', () => {
    expect(() => rowsByKey([topicRow('a', '[1]')], { windowBytes: 0 })).toThrow('A row is a JSON object, not [1]');
  });
});

describe('two rows', () => {
  it('differ by column, a column of one side included', () => {
    expect(compareRow(row({ A: '1', B: '2', C: '3' }), row({ A: '1', B: '2.0', D: '4' }), STRICT)).toEqual([
      { column: 'B', theirs: '2', ours: '2.0' },
      { column: 'C', theirs: '3', ours: 'none' },
      { column: 'D', theirs: 'none', ours: '4' },
    ]);
  });

  it('may differ where timing decides, and in the last digits of a sum', () => {
    const ignored = { ...STRICT, ignored: new Set(['A']) };
    expect(compareRow(row({ A: '1' }), row({ A: '2' }), ignored)).toEqual([]);
    const [theirs, ours] = [row({ A: '80.00000000000001' }), row({ A: '80.0' })];
    expect(compareRow(theirs, ours, { ...STRICT, isSumOrderFree: true })).toEqual([]);
    expect(compareRow(theirs, ours, STRICT)).toHaveLength(1);
    expect(compareRow(row({ A: '80.001' }), ours, { ...STRICT, isSumOrderFree: true })).toHaveLength(1);
    expect(compareRow(row({ A: '80' }), ours, { ...STRICT, isSumOrderFree: true })).toHaveLength(1);
  });

  it('are the same when both are gone, and differ as a whole when one is', () => {
    expect(compareRow(finalRow(undefined), finalRow([row({ A: '1' }), null]), STRICT)).toEqual([]);
    expect(compareRow(row({ A: '1' }), null, STRICT)).toEqual([{ column: 'ROW', theirs: '{A:1}', ours: 'gone' }]);
  });
});

describe('all rows of a key', () => {
  const rows = (...counts: readonly number[]) => counts.map((n) => row({ N: `${n}`, SAME: '1', TOO: '2' }));

  it('are the same in the same order only', () => {
    expect(compareRows(rows(1, 2, 3), rows(1, 2, 3), STRICT)).toEqual([]);
    expect(compareRows(rows(1, 2), rows(2, 1), STRICT)).not.toEqual([]);
  });

  it('are paired around one that only one side has', () => {
    const extra = row({ N: '9', SAME: '8', TOO: '7' });
    const [first, second] = rows(1, 2) as [ComparedRow, ComparedRow];
    const found = [{ column: 'ROW', theirs: 'none', ours: '{N:9,SAME:8,TOO:7}' }];
    expect(compareRows([first, second], [first, extra, second], STRICT)).toEqual(found);
    expect(compareRows([first, extra, second], [first, second], STRICT)).toEqual([
      { column: 'ROW', theirs: '{N:9,SAME:8,TOO:7}', ours: 'none' },
    ]);
    expect(compareRows([first, second], [first, second, extra], STRICT)).toEqual(found);
  });

  it('tell which cells differ where a row is much the same', () => {
    expect(compareRows(rows(1, 2, 3), rows(1, 5, 3), STRICT)).toEqual([{ column: 'N', theirs: '2', ours: '5' }]);
    expect(compareRows(rows(1), [row({ N: '1', SAME: '1', TOO: '2', A: '1', B: '2' })], STRICT)).toHaveLength(2);
  });

  it('differ where one side has a tombstone between', () => {
    const [first, second] = rows(1, 2) as [ComparedRow, ComparedRow];
    expect(compareRows([first, null, second], [first, second], STRICT)).toEqual([
      { column: 'ROW', theirs: 'gone', ours: 'none' },
    ]);
  });
});
