import { addInt64, type Int64 } from '../../../types/integer-math.js';
import { arrayType, BIGINT, INTEGER } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import { binary, param, scalarFunction, ternary } from '../../signature.js';

/** A series longer than this could only exhaust memory; what one evaluation may take in all is less (`EvaluationBudget`). */
const LENGTH_MAX = 1_000_000;

function series(start: Int64, end: Int64, step: number): SqlValue[] {
  if (step === 0) throw new Error('the step of GENERATE_SERIES is 0: use 1 or -1');
  if (start < end ? step < 0 : start > end && step > 0) {
    throw new Error(`a step of ${step} does not lead from ${start} to ${end}: change its sign`);
  }
  const length = (BigInt(end) - BigInt(start)) / BigInt(step) + 1n;
  if (length > LENGTH_MAX) throw new Error(`a series of ${length} elements exceeds ${LENGTH_MAX}: use a larger step`);
  const items: SqlValue[] = [];
  let value = start;
  for (let i = 0; i < length; i++) {
    items.push(value);
    value = addInt64(value, step);
  }
  return items;
}

const towards = (start: Int64, end: Int64) => series(start, end, start > end ? -1 : 1);

export const generateSeries = scalarFunction(
  'GENERATE_SERIES',
  'ARRAY',
  'The numbers from start to end, both included, by the step (1 or -1 by default).',
  [
    binary([param('start', INTEGER), param('end', INTEGER)], arrayType(INTEGER), towards),
    binary([param('start', BIGINT), param('end', BIGINT)], arrayType(BIGINT), towards),
    ternary([param('start', INTEGER), param('end', INTEGER), param('step', INTEGER)], arrayType(INTEGER), series),
    ternary([param('start', BIGINT), param('end', BIGINT), param('step', INTEGER)], arrayType(BIGINT), series),
  ],
);
