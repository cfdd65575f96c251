import { KsqlError } from '../errors/sql-error.js';

/** The clause that an expression stands in, for messages. */
export type Clause = 'SELECT' | 'WHERE' | 'HAVING' | 'GROUP BY' | 'PARTITION BY' | 'JOIN';

const LABELS: Record<Clause, string> = {
  SELECT: 'Select',
  WHERE: 'Predicate',
  HAVING: 'Predicate',
  'GROUP BY': 'Group By',
  'PARTITION BY': 'Partition By',
  JOIN: 'Join',
};

/** The types of an expression do not fit each other. */
export class ExpressionTypeError extends KsqlError {
  constructor(
    message: string,
    /** What push queries name in place of the statement. */
    readonly expression: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The types of an expression are plain, but it cannot be run. The message already names the clause. */
export class InvalidExpressionError extends KsqlError {
  constructor(
    readonly clause: Clause,
    message: string,
    readonly expression: string,
  ) {
    super(`Invalid ${LABELS[clause]}: ${message}. expression: ${expression}`);
  }
}
