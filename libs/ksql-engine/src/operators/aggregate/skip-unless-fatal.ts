import { StreamsError } from '../../errors/sql-error.js';
import type { RecordBatch } from '../record-batch.js';
import type { SkipLog } from '../skip-log.js';

/** A record that an aggregate cannot take is left out and reported, unless its failure stops the query. @throws StreamsError */
export function skipUnlessFatal(log: SkipLog, batch: RecordBatch, at: number, cause: unknown): void {
  if (cause instanceof StreamsError) throw cause;
  log(`Failed to aggregate: ${cause instanceof Error ? cause.message : String(cause)}`, batch, at, cause);
}
