import { describe, expect, it } from '@jest/globals';
import { MemoryKeyValueStore } from '../../state/memory/key-value-store.js';
import { column, feed, record, RecordingOutput } from '../../testing/records.js';
import { ForeignKeyJoin } from './foreign-key/foreign-key-join.js';
import { RowJoiner } from './joined-row.js';
import { StreamTableJoin } from './stream-table-join.js';
import { TableTableJoin, type TableJoinType } from './table-table-join.js';

const joiner = new RowJoiner(1, 1);

describe('stream-table join', () => {
  const streamTable = (type: 'INNER' | 'LEFT') => {
    const out = new RecordingOutput();
    const store = new MemoryKeyValueStore();
    return { out, join: new StreamTableJoin({ type, rightCount: 1, store, log: out.log, output: out.output }) };
  };

  it('is triggered by the stream alone and sees the present row', () => {
    const { join, out } = streamTable('INNER');
    expect(
      feed(join, out, [
        [0, record('k', ['l1'], 1)],
        [1, record('k', ['r1'], 2)],
        [0, record('k', ['l2'], 3)],
        [1, record('k', null, 4)],
        [0, record('k', ['l3'], 5)],
      ]),
    ).toEqual([[], [], ['k ["l2","r1"] @3'], [], []]);
  });

  it('keeps misses and records without a key in a left join', () => {
    const { join, out } = streamTable('LEFT');
    expect(
      feed(join, out, [
        [0, record('k', ['l1'], 1)],
        [0, record(null, ['l2'], 2)],
        [0, record('k', null, 3)],
      ]),
    ).toEqual([['k ["l1",null] @1'], ['no-key ["l2",null] @2'], []]);
  });
});

describe('table-table join', () => {
  const tables = (type: TableJoinType) => {
    const out = new RecordingOutput();
    const [left, right] = [new MemoryKeyValueStore(), new MemoryKeyValueStore()];
    return {
      out,
      join: new TableTableJoin({ type, joiner, left, right, needsOldValues: false, output: out.output }),
    };
  };
  const script = [
    [0, record('k', ['l1'], 1)],
    [1, record('k', ['r1'], 5)],
    [0, record('k', ['l2'], 3)],
    [1, record('k', null, 6)],
    [0, record('k', null, 7)],
    [0, record('k', null, 8)],
  ] as const;

  it.each([
    ['INNER', [[], ['k ["l1","r1"] @5'], ['k ["l2","r1"] @5'], ['k gone @6'], [], []]],
    [
      'LEFT',
      [['k ["l1",null] @1'], ['k ["l1","r1"] @5'], ['k ["l2","r1"] @5'], ['k ["l2",null] @6'], ['k gone @7'], []],
    ],
    ['RIGHT', [[], ['k ["l1","r1"] @5'], ['k ["l2","r1"] @5'], ['k gone @6'], [], []]],
    [
      'FULL',
      [['k ["l1",null] @1'], ['k ["l1","r1"] @5'], ['k ["l2","r1"] @5'], ['k ["l2",null] @6'], ['k gone @7'], []],
    ],
  ] as const)('%s follows both sides', (type, expected) => {
    const { join, out } = tables(type);
    expect(feed(join, out, script)).toEqual(expected);
  });
});

describe('foreign-key join', () => {
  const foreignKey = (type: 'INNER' | 'LEFT') => {
    const out = new RecordingOutput();
    const [left, right] = [new MemoryKeyValueStore(), new MemoryKeyValueStore()];
    const join = new ForeignKeyJoin({
      type,
      joiner,
      foreignKey: column(0),
      left,
      right,
      keyCount: 1,
      needsOldValues: false,
      keyBytes: ([key]) => Buffer.from(String(key)),
      output: out.output,
    });
    return { out, join };
  };

  it('serves every left row of a changed right row, by key, and none twice', () => {
    const { join, out } = foreignKey('INNER');
    expect(
      feed(join, out, [
        [0, record('u2', ['nyc'], 1)],
        [0, record('u1', ['nyc'], 2)],
        [0, record('u3', ['la'], 3)],
        [1, record('nyc', ['cold'], 4)],
        [1, record('nyc', null, 5)],
      ]),
    ).toEqual([[], [], [], ['u1 ["nyc","cold"] @4', 'u2 ["nyc","cold"] @4'], ['u1 gone @5', 'u2 gone @5']]);
  });

  it('follows a left row to another right row and forgets the old one', () => {
    const { join, out } = foreignKey('LEFT');
    expect(
      feed(join, out, [
        [1, record('nyc', ['cold'], 1)],
        [0, record('u', ['nyc'], 2)],
        [0, record('u', ['la'], 3)],
        [1, record('nyc', ['warm'], 4)],
        [1, record('la', ['hot'], 5)],
        [0, record('u', [null], 6)],
        [1, record('la', ['mild'], 7)],
        [0, record('u', null, 8)],
        [0, record('u', null, 9)],
      ]),
    ).toEqual([
      [],
      ['u ["nyc","cold"] @2'],
      ['u ["la",null] @3'],
      [],
      ['u ["la","hot"] @5'],
      ['u [null,null] @6'],
      [],
      ['u gone @8'],
      [],
    ]);
  });

  it('takes an inner result away when the left row stops referring to anything', () => {
    const { join, out } = foreignKey('INNER');
    feed(join, out, [
      [1, record('nyc', ['cold'], 1)],
      [0, record('u', ['nyc'], 2)],
    ]);
    expect(feed(join, out, [[0, record('u', ['la'], 3)]])).toEqual([['u gone @3']]);
    expect(feed(join, out, [[0, record('v', [null], 4)]])).toEqual([[]]);
  });
});
