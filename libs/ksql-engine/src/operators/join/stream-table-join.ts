import { storeKeyAt } from '../../state/store-key.js';
import type { KeyValueStore } from '../../state/store.js';
import { nullVectors, putRow, rowAt } from '../../types/vector.js';
import type { Operator, Output } from '../operator.js';
import type { RecordBatch } from '../record-batch.js';
import type { SkipLog } from '../skip-log.js';

export interface StreamTableJoinOptions {
  readonly type: 'INNER' | 'LEFT';
  /** Columns of the table's rows. */
  readonly rightCount: number;
  /** The table's rows. */
  readonly store: KeyValueStore;
  readonly log: SkipLog;
  readonly output: Output;
}

/**
 * Input 0, the stream, looks up the present row of input 1, the table. The table's changes alone emit nothing. The stream's vectors
 * go on as they are, those of the table are put beside them.
 */
export class StreamTableJoin implements Operator {
  constructor(private readonly options: StreamTableJoinOptions) {}

  process(batch: RecordBatch, input: number): void {
    if (input === 1) this.updateTable(batch);
    else this.joinStream(batch);
  }

  private updateTable(batch: RecordBatch): void {
    const { store } = this.options;
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!batch.hasKey(at)) continue;
      const key = storeKeyAt(batch.keys, at, batch.windowStarts[at] as number, batch.windowEnds[at] as number);
      if (!batch.hasValue(at)) store.delete(key);
      else store.put(key, batch.identityAt(at), rowAt(batch.values, at), batch.timestamps[at] as number);
    }
  }

  private joinStream(batch: RecordBatch): void {
    const { type, rightCount, store, log, output } = this.options;
    const right = nullVectors(rightCount, batch.size);
    const rows = new Array<number>(batch.count);
    let count = 0;
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      const hasKey = batch.hasKey(at);
      if (!batch.hasValue(at)) {
        log('Skipping record due to null join value', batch, at);
        continue;
      }
      if (!hasKey && type === 'INNER') {
        log('Skipping record due to null join key', batch, at);
        continue;
      }
      const partner = hasKey
        ? store.get(storeKeyAt(batch.keys, at, batch.windowStarts[at] as number, batch.windowEnds[at] as number))
        : undefined;
      if (partner !== undefined) putRow(right, at, partner.value);
      else if (type === 'INNER') continue;
      rows[count++] = at;
    }
    if (count > 0) output(batch.with({ rows, count, values: [...batch.values, ...right], olds: undefined }));
  }
}
