import type { RecordBatch } from './record-batch.js';

/** Tells the processing log that an operator left row `at` of a batch out, and why. */
export type SkipLog = (reason: string, batch: RecordBatch, at: number, cause?: unknown) => void;
