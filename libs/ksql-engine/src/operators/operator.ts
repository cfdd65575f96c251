import type { ProcessingRecord } from './record.js';

/**
 * The contract of every operator.
 *
 * A topology is a tree: sources at the leaves, one sink at the root. A batch enters at `input` (0 is the only or the left
 * input, 1 the right one) and the operator hands what follows from it to its output before it returns, in order. Since no source
 * feeds two branches that meet again, a batch as the unit gives the same result as record after record.
 *
 * Duties of the caller: records of one input come in the order of processing; batches are not kept after the call, so an
 * operator that remembers records must keep the records, never the array. Duties of the operator: no wall clock, no
 * random source, no promise; a bad record is reported to the processing log and skipped; state is kept in stores
 * only, so that a commit and a restart see all of it.
 */
export interface Operator {
  process(batch: readonly ProcessingRecord[], input: number): void;
  /** Wall-clock punctuation, called between batches; most operators have none. */
  punctuate?(nowMs: number): void;
}

/** Where an operator's results go. */
export type Output = (batch: readonly ProcessingRecord[]) => void;
