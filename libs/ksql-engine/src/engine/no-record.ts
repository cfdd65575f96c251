import type { EvaluationRecord } from '../expression/evaluator.js';

/** For expressions that read no record. */
export const NO_RECORD: EvaluationRecord = {
  key: null,
  value: null,
  timestamp: 0,
  partition: 0,
  offset: 0,
  windowStart: -1,
  windowEnd: -1,
};
