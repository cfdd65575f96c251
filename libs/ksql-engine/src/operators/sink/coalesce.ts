import { storeKey } from '../../state/store-key.js';
import type { Operator, Output } from '../operator.js';
import { identityOf } from '../record-key.js';
import type { ProcessingRecord } from '../record.js';

export interface CoalesceOptions {
  readonly output: Output;
}

/**
 * Holds a table's changes back and emits, per flush, the newest of each key: what ksqlDB's record cache does between commits. A newer change
 * stands at its own place in the order. Records without a key pass at the flush too, all of them.
 */
export class Coalesce implements Operator {
  private held = new Map<string | ProcessingRecord, ProcessingRecord>();

  constructor(private readonly options: CoalesceOptions) {}

  process(batch: readonly ProcessingRecord[]): void {
    for (let i = 0; i < batch.length; i++) {
      const record = batch[i] as ProcessingRecord;
      const id = record.key === null ? record : storeKey(identityOf(record, record.key));
      this.held.delete(id);
      this.held.set(id, record);
    }
  }

  flush(): void {
    if (this.held.size === 0) return;
    const batch = [...this.held.values()];
    this.held = new Map();
    this.options.output(batch);
  }
}
