import { storeKey } from '../../state/store-key.js';
import type { Row } from '../../types/sql-value.js';
import type { Operator } from '../operator.js';
import { beforeChange } from '../record-key.js';
import { makeRecord, type ProcessingRecord } from '../record.js';
import { groupOf, NO_GROUP, type GroupByOptions } from './group-by.js';

/**
 * GROUP BY over a table. A change within one group stays one change; a row that moves leaves its old group first, then
 * enters the new one.
 */
export class TableGroupBy implements Operator {
  constructor(private readonly options: GroupByOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    const out: ProcessingRecord[] = [];
    for (let i = 0; i < batch.length; i++) this.regroup(batch[i] as ProcessingRecord, out);
    if (out.length > 0) this.options.output(out);
  }

  private regroup(record: ProcessingRecord, out: ProcessingRecord[]): void {
    const { value, oldValue } = record;
    const newGroup = value === null ? null : this.group(record);
    const oldGroup = oldValue === null ? null : this.group(beforeChange(record));
    if (newGroup !== null && oldGroup !== null && storeKey(newGroup) === storeKey(oldGroup)) {
      out.push(changeIn(newGroup, record, value, oldValue));
      return;
    }
    if (oldGroup !== null) out.push(changeIn(oldGroup, record, null, oldValue));
    if (newGroup !== null) out.push(changeIn(newGroup, record, value, null));
  }

  private group(record: ProcessingRecord): Row | null {
    const group = groupOf(this.options.keys, record);
    if (group === null) this.options.log(NO_GROUP, record);
    return group;
  }
}

function changeIn(group: Row, record: ProcessingRecord, value: Row | null, oldValue: Row | null): ProcessingRecord {
  const { timestamp, headers, partition, offset } = record;
  return makeRecord(group, value, oldValue, timestamp, -1, -1, headers, partition, offset);
}
