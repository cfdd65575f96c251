import type { ProcessingRecord } from './record.js';

/** Tells the processing log that an operator left a record out, and why. */
export type SkipLog = (reason: string, record: ProcessingRecord, cause?: unknown) => void;
