import { KsqlError } from '../errors/sql-error.js';

/**
 * A mistake found while the statement is made ready for analysis: ksqlDB answers those as parse failures, with this prefix.
 */
export class PreparationError extends KsqlError {
  /** Runs a step of preparation; its plain errors become preparation errors. */
  static around<T>(step: () => T): T {
    try {
      return step();
    } catch (error) {
      if (error instanceof KsqlError && error.constructor === KsqlError) {
        throw new PreparationError(`Failed to prepare statement: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }
}
