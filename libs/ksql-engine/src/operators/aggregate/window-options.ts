import type { Row } from '../../types/sql-value.js';
import type { Output } from '../operator.js';
import type { SkipLog } from '../skip-log.js';
import type { StreamTime } from '../stream-time.js';
import type { Aggregation } from './aggregation.js';

/** What time windows and sessions have in common. */
export interface WindowedAggregateOptions {
  readonly aggregation: Aggregation;
  readonly graceMs: number;
  /** EMIT FINAL: one row per window, once it is closed; else a row per update. */
  readonly emitFinal: boolean;
  readonly needsOldValues: boolean;
  readonly streamTime: StreamTime;
  /** The key as the topic bears it: the order of final rows of windows that close together. */
  readonly keyBytes: (key: Row) => Uint8Array;
  readonly log: SkipLog;
  readonly output: Output;
}

export const TOO_LATE = 'Skipping record for expired window';
