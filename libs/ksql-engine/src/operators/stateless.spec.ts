import { describe, expect, it } from '@jest/globals';
import { batchOf, column, feed, projecting, record, RecordingOutput, selecting } from '../testing/records.js';
import { FlatMap } from './flat-map.js';
import { Filter } from './filter.js';
import { Project } from './project.js';
import { SelectKey } from './select-key.js';
import { TableFilter } from './table-filter.js';

const isLarge = ({ value }: { readonly value: readonly unknown[] | null }) => Number(value?.[0]) > 10;

describe('filter over a stream', () => {
  it('keeps what passes and drops records without a value', () => {
    const out = new RecordingOutput();
    const filter = new Filter({ selection: selecting(isLarge), output: out.output });
    filter.process(batchOf([record('a', [11], 1), record('b', [9], 2), record('c', null, 3), record('d', [12], 4)]));
    expect(out.take()).toEqual(['a [11] @1', 'd [12] @4']);
  });
});

describe('filter over a table', () => {
  it('deletes a row that stops passing and is silent about what never passed', () => {
    const out = new RecordingOutput();
    const filter = new TableFilter({ selection: selecting(isLarge), inputHasOldValues: true, output: out.output });
    expect(
      feed(filter, out, [
        record('a', [1], 1),
        record('a', [11], 2, { old: [1] }),
        record('a', [12], 3, { old: [11] }),
        record('a', [2], 4, { old: [12] }),
        record('a', null, 5, { old: [2] }),
      ]),
    ).toEqual([[], ['a [11] @2'], ['a [12] was [11] @3'], ['a gone was [12] @4'], []]);
  });

  it('deletes to be safe when the row before is not known', () => {
    const out = new RecordingOutput();
    const filter = new TableFilter({ selection: selecting(isLarge), inputHasOldValues: false, output: out.output });
    expect(feed(filter, out, [record('a', [1], 1)])).toEqual([['a gone @1']]);
  });
});

describe('project', () => {
  it('evaluates values, reorders keys and leaves deletions deletions', () => {
    const out = new RecordingOutput();
    const options = {
      keyColumns: [1, 0],
      values: projecting(column(1), column(0)),
      needsOldValues: true,
      output: out.output,
    };
    const project = new Project(options, 2);
    const base = record('a', [1, 2], 1, { old: [3, 4] });
    project.process(
      batchOf([
        { ...base, key: ['x', 'y'] },
        { ...base, key: ['x', 'y'], value: null },
      ]),
    );
    expect(out.take()).toEqual(['y|x [2,1] was [4,3] @1', 'y|x gone was [4,3] @1']);
  });
});

describe('select key', () => {
  it('takes the key from the value and makes a null key no key', () => {
    const out = new RecordingOutput();
    const selectKey = new SelectKey({
      keys: projecting(column(0)),
      values: projecting(column(0)),
      output: out.output,
    });
    selectKey.process(batchOf([record('a', ['k'], 1), record('a', [null], 2), record('a', null, 3)]));
    expect(out.take()).toEqual(['k ["k"] @1', 'no-key [null] @2', 'no-key gone @3']);
  });

  it('keeps a key of several columns though one is null', () => {
    const out = new RecordingOutput();
    const selectKey = new SelectKey({
      keys: projecting(column(0), column(1)),
      values: projecting(column(0)),
      output: out.output,
    });
    selectKey.process(batchOf([record('a', ['k', null], 1)]));
    expect(out.take()).toEqual(['k|null ["k"] @1']);
  });
});

describe('flat map', () => {
  const list = {
    name: 'EXPLODE',
    argumentCount: 1,
    apply: ([items]: readonly unknown[]) => {
      if (items === null) throw new Error('nothing to explode');
      return items as number[];
    },
  };

  it('zips functions, filling the shorter with nulls', () => {
    const out = new RecordingOutput();
    const flatMap = new FlatMap({
      calls: [list, list],
      args: projecting(column(0), column(1)),
      log: out.log,
      output: out.output,
    });
    flatMap.process(batchOf([record('a', [[1, 2], [3]], 1), record('b', [[], []], 2)]));
    expect(out.take()).toEqual(['a [[1,2],[3],1,3] @1', 'a [[1,2],[3],2,null] @1']);
  });

  it('leaves out and reports a record whose function throws', () => {
    const out = new RecordingOutput();
    const flatMap = new FlatMap({ calls: [list], args: projecting(column(0)), log: out.log, output: out.output });
    flatMap.process(batchOf([record('a', [null], 1), record('a', [[1]], 2)]));
    expect(out.take()).toEqual(['a [[1],1] @2']);
    expect(out.skipped).toHaveLength(1);
  });
});
