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

/** The types of an expression are plain, but it cannot be run. The message already names the clause. */
export class InvalidExpressionError extends KsqlError {
  constructor(clause: Clause, message: string, expression: string) {
    super(`Invalid ${LABELS[clause]}: ${message}. expression: ${expression}`);
  }
}
