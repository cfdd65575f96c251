import { describe, expect, it } from '@jest/globals';
import { record, RecordingOutput } from '../../testing/records.js';
import { Coalesce } from './coalesce.js';

describe('coalescing a table', () => {
  it('emits the newest change of each key and window once per flush, in the order of those changes', () => {
    const out = new RecordingOutput();
    const coalesce = new Coalesce({ output: out.output });
    coalesce.process([record('a', [1], 1), record('b', [1], 1), record('a', [1], 1, { window: [0, 10] })]);
    coalesce.process([record('a', [2], 2), record('c', null, 3)]);
    expect(out.take()).toEqual([]);
    coalesce.flush();
    expect(out.take()).toEqual(['b [1] @1', 'a<0,10> [1] @1', 'a [2] @2', 'c gone @3']);
    coalesce.flush();
    expect(out.take()).toEqual([]);
  });
});
