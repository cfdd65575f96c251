import { describe, expect, it } from '@jest/globals';
import { MemoryJoinBuffer } from '../../state/memory/join-buffer.js';
import { MemoryPendingOuterRows } from '../../state/memory/pending-outer-rows.js';
import { feed, record, RecordingOutput } from '../../testing/records.js';
import { StreamTime } from '../stream-time.js';
import { StreamStreamJoin, type StreamStreamJoinOptions } from './stream-stream-join.js';

function join(type: StreamStreamJoinOptions['type'], graceMs: number | undefined) {
  const out = new RecordingOutput();
  const retentionMs = 20 + (graceMs ?? 86_400_000);
  const operator = new StreamStreamJoin({
    type,
    beforeMs: 10,
    afterMs: 10,
    graceMs: graceMs ?? 86_400_000,
    leftCount: 1,
    rightCount: 1,
    left: new MemoryJoinBuffer(retentionMs),
    right: new MemoryJoinBuffer(retentionMs),
    pending: graceMs === undefined || type === 'INNER' ? undefined : new MemoryPendingOuterRows(),
    keyCount: 1,
    streamTime: new StreamTime(),
    keyBytes: ([key]) => Buffer.from(String(key)),
    log: out.log,
    output: out.output,
  });
  return { out, operator };
}
const left = (key: string | null, value: string | null, time: number) =>
  [0, record(key, value === null ? null : [value], time)] as const;
const right = (key: string | null, value: string | null, time: number) =>
  [1, record(key, value === null ? null : [value], time)] as const;

describe('stream-stream join', () => {
  it('pairs records within the window whatever comes first, oldest partner first', () => {
    const { operator, out } = join('INNER', 100);
    expect(
      feed(operator, out, [
        left('k', 'l20', 20),
        left('k', 'l12', 12),
        left('other', 'x', 15),
        right('k', 'r15', 15),
        right('k', 'r30', 30),
        right('k', 'r31', 31),
      ]),
    ).toEqual([[], [], [], ['k ["l12","r15"] @15', 'k ["l20","r15"] @20'], ['k ["l20","r30"] @30'], []]);
  });

  it('skips records without a value, and without a key where no side must be kept', () => {
    const inner = join('INNER', 100);
    expect(feed(inner.operator, inner.out, [left('k', null, 1), left(null, 'l', 2)])).toEqual([[], []]);
    expect(inner.out.skipped).toHaveLength(2);
    const outer = join('LEFT', 100);
    expect(feed(outer.operator, outer.out, [left(null, 'l', 2), right(null, 'r', 2)])).toEqual([
      ['no-key ["l",null] @2'],
      [],
    ]);
  });

  it('without GRACE emits unmatched rows at once, and again when a partner comes', () => {
    const { operator, out } = join('LEFT', undefined);
    expect(feed(operator, out, [left('k', 'l', 1), right('k', 'r', 2)])).toEqual([
      ['k ["l",null] @1'],
      ['k ["l","r"] @2'],
    ]);
  });

  it('with GRACE holds an unmatched row until its window closes, and emits it once', () => {
    const { operator, out } = join('FULL', 5);
    expect(
      feed(operator, out, [
        left('b', 'lb', 1),
        right('a', 'ra', 1),
        left('a', 'matched', 3),
        right('c', 'rc', 1),
        left('x', 'x', 16),
        right('x', 'y', 17),
        left('z', 'z', 100),
      ]),
    ).toEqual([
      [],
      [],
      ['a ["matched","ra"] @3'],
      [],
      [],
      ['b ["lb",null] @1', 'c [null,"rc"] @1', 'x ["x","y"] @17'],
      [],
    ]);
  });

  it('emits a row at once when its window lies behind stream time', () => {
    const { operator, out } = join('LEFT', 50);
    expect(feed(operator, out, [right('x', 'r', 100), left('k', 'l', 60)])).toEqual([[], ['k ["l",null] @60']]);
  });

  it('keeps several unmatched rows of one key and time', () => {
    const { operator, out } = join('LEFT', 0);
    expect(feed(operator, out, [left('k', 'a', 1), left('k', 'b', 1), right('x', 'r', 50)])).toEqual([
      [],
      [],
      ['k ["a",null] @1', 'k ["b",null] @1'],
    ]);
  });
});
