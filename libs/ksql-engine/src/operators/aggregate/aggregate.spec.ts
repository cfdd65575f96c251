import { describe, expect, it } from '@jest/globals';
import { StreamsError } from '../../errors/sql-error.js';
import { MemoryKeyValueStore } from '../../state/memory/key-value-store.js';
import { aggregationOf, countCall, sumCall, type TestCall } from '../../testing/aggregates.js';
import { column, feed, projecting, record, RecordingOutput } from '../../testing/records.js';
import { GroupBy } from './group-by.js';
import { StreamAggregate } from './stream-aggregate.js';
import { TableAggregate } from './table-aggregate.js';
import { TableGroupBy } from './table-group-by.js';

function streamAggregate(calls: readonly TestCall[] = [countCall, sumCall(1)]) {
  const out = new RecordingOutput();
  const aggregate = new StreamAggregate({
    aggregation: aggregationOf([column(0)], calls),
    store: new MemoryKeyValueStore(),
    needsOldValues: true,
    log: out.log,
    output: out.output,
  });
  const groupBy = new GroupBy({
    keys: projecting(column(0)),
    log: out.log,
    output: (batch) => aggregate.process(batch),
  });
  return { out, groupBy };
}

describe('aggregation of a stream', () => {
  it('emits the new row of the group for each record, with the greatest time seen', () => {
    const { out, groupBy } = streamAggregate();
    expect(
      feed(groupBy, out, [record('x', ['g', 5], 10), record('y', ['g', 6], 7), record('z', ['h', 1], 20)]),
    ).toEqual([['g ["g",1,5] @10'], ['g ["g",2,11] was ["g",1,5] @10'], ['h ["h",1,1] @20']]);
  });

  it('leaves out records without a value and of no group', () => {
    const { out, groupBy } = streamAggregate();
    expect(feed(groupBy, out, [record('x', null, 1), record('y', [null, 6], 2)])).toEqual([[], []]);
    expect(out.skipped).toHaveLength(1);
  });

  it('goes on after a record that an aggregate cannot take, but not after a fatal one', () => {
    const failing = (error: Error): TestCall => ({
      args: [],
      aggregate: {
        ...countCall.aggregate,
        add: () => {
          throw error;
        },
      },
    });
    const bad = streamAggregate([failing(new Error('no'))]);
    expect(feed(bad.groupBy, bad.out, [record('x', ['g', 1], 1)])).toEqual([[]]);
    expect(bad.out.skipped).toHaveLength(1);
    const fatal = streamAggregate([failing(new StreamsError('overflow'))]);
    expect(() => feed(fatal.groupBy, fatal.out, [record('x', ['g', 1], 1)])).toThrow(StreamsError);
  });
});

describe('aggregation of a table', () => {
  function tableAggregate() {
    const out = new RecordingOutput();
    const aggregate = new TableAggregate({
      aggregation: aggregationOf([], [countCall, sumCall(1)]),
      store: new MemoryKeyValueStore(),
      needsOldValues: false,
      log: out.log,
      output: out.output,
    });
    const output = (batch: Parameters<TableAggregate['process']>[0]) => aggregate.process(batch);
    return { out, groupBy: new TableGroupBy({ keys: projecting(column(0)), log: out.log, output }) };
  }

  it('takes the old row back: one step within a group, old group first on a move', () => {
    const { out, groupBy } = tableAggregate();
    expect(
      feed(groupBy, out, [
        record('a', ['g', 5], 1),
        record('a', ['g', 7], 3, { old: ['g', 5] }),
        record('a', ['h', 7], 2, { old: ['g', 7] }),
        record('a', null, 4, { old: ['h', 7] }),
        record('a', null, 5),
      ]),
    ).toEqual([['g [1,5] @1'], ['g [1,7] @3'], ['g [0,0] @3', 'h [1,7] @2'], ['h [0,0] @4'], []]);
  });

  it('counts only the side of a change that has a group', () => {
    const { out, groupBy } = tableAggregate();
    expect(
      feed(groupBy, out, [
        record('a', [null, 5], 1),
        record('a', ['g', 5], 2, { old: [null, 5] }),
        record('a', [null, 5], 3, { old: ['g', 5] }),
      ]),
    ).toEqual([[], ['g [1,5] @2'], ['g [0,0] @3']]);
  });
});
