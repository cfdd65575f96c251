/**
 * Failures that any record may cause are made once: building a stack trace for each would cost more than the evaluation. What
 * fails is told by the report, which carries the expression and the record.
 */
function failure(message: string): Error {
  const error = new Error(message);
  delete error.stack;
  return error;
}

export const NULL_OPERAND = failure('an operand is NULL: use COALESCE or CASE … IS NULL');
export const NULL_CONDITION = failure('a condition is NULL: use COALESCE or IS NOT NULL');
export const NULL_TEXT = failure('LIKE met NULL: use COALESCE or IS NOT NULL');
export const NULL_INDEX = failure('the index of an array is NULL');
export const DIVISION_BY_ZERO = failure('/ by zero');
