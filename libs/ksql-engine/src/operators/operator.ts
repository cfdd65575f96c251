import type { RecordBatch } from './record-batch.js';

/**
 * The contract of every operator.
 *
 * A topology is a tree: sources at the leaves, one sink at the root. A batch enters at `input` (0 is the only or the left
 * input, 1 the right one) and the operator hands what follows from it to its output before it returns, in order. Since no source
 * feeds two branches that meet again, a batch as the unit gives the same result as record after record.
 *
 * Duties of the caller: records of one input come in the order of processing; a batch has at least one record. Duties of the
 * operator: it writes to no vector of the batch, and keeps none after the call: what it remembers are rows. No wall clock, no
 * random source, no promise, no object per record that passes; a bad record is reported to the processing log and skipped; state
 * is kept in stores only, so that a commit and a restart see all of it.
 */
export interface Operator {
  process(batch: RecordBatch, input: number): void;
}

/** Where an operator's results go. */
export type Output = (batch: RecordBatch) => void;
