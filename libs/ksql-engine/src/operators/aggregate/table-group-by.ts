import { storeKeyAt } from '../../state/store-key.js';
import type { Vector } from '../../types/vector.js';
import { BatchBuilder } from '../batch-builder.js';
import type { Operator } from '../operator.js';
import { HAS_OLD, type RecordBatch } from '../record-batch.js';
import { copyRow } from '../../types/vector.js';
import { hasGroup, NO_GROUP, type GroupByOptions } from './group-by.js';

/**
 * GROUP BY over a table. A change within one group stays one change; a row that moves leaves its old group first, then
 * enters the new one.
 */
export class TableGroupBy implements Operator {
  constructor(private readonly options: GroupByOptions) {}

  process(batch: RecordBatch): void {
    const { keys, output } = this.options;
    const after = keys(batch);
    const before = batch.olds === undefined ? undefined : keys(batch.before());
    const out = new BatchBuilder(after.length, batch.values.length, true, batch.count);
    for (let n = 0; n < batch.count; n++) this.regroup(batch, batch.rows[n] as number, after, before, out);
    out.emit(output);
  }

  private regroup(
    batch: RecordBatch,
    at: number,
    after: readonly Vector[],
    before: readonly Vector[] | undefined,
    out: BatchBuilder,
  ): void {
    const isIn = batch.hasValue(at) && this.isGrouped(after, batch, at);
    const wasIn = before !== undefined && batch.hasOld(at) && this.isGrouped(before, batch, at);
    if (isIn && wasIn && storeKeyAt(after, at, -1, -1) === storeKeyAt(before, at, -1, -1)) {
      const row = beginIn(after, batch, at, out);
      out.copyValue(row, batch.values, at);
      putOld(batch, at, row, out);
      return;
    }
    if (wasIn) putOld(batch, at, beginIn(before, batch, at, out), out);
    if (isIn) out.copyValue(beginIn(after, batch, at, out), batch.values, at);
  }

  private isGrouped(groups: readonly Vector[], batch: RecordBatch, at: number): boolean {
    if (hasGroup(groups, at)) return true;
    this.options.log(NO_GROUP, batch, at);
    return false;
  }
}

function beginIn(group: readonly Vector[], batch: RecordBatch, at: number, out: BatchBuilder): number {
  const row = out.begin(batch, at, batch.timestamps[at] as number, -1, -1);
  out.copyKey(row, group, at);
  return row;
}

function putOld(batch: RecordBatch, at: number, row: number, out: BatchBuilder): void {
  if (batch.olds === undefined || out.olds === undefined) return;
  copyRow(batch.olds, at, out.olds, row);
  out.mark(row, HAS_OLD);
}
