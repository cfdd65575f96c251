import { ExpressionTypeError, InvalidExpressionError } from '../../analyze/invalid-expression.js';
import { KsqlStatementError } from '../../errors/sql-error.js';

/**
 * Ties a mistake in an expression to that expression in place of the statement, as ksqlDB does in these places: a push query for any
 * mistake of types; a persistent one only for a condition whose types are plain and that cannot be run all the same, since its other
 * mistakes are found while the schema of its result is made.
 */
export function withExpressionText<T>(kind: 'push' | 'persistent', work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isOfTypes = error instanceof ExpressionTypeError;
    if (!isOfTypes && !(error instanceof InvalidExpressionError)) throw error;
    const isNamed = kind === 'push' || (!isOfTypes && (error.clause === 'WHERE' || error.clause === 'HAVING'));
    throw isNamed ? new KsqlStatementError(error.message, error.expression, { cause: error }) : error;
  }
}
