import { PreparationError } from '../analyze/preparation-error.js';
import { KsqlError, KsqlStatementError, ParseFailedError } from '../errors/sql-error.js';
import { KsqlRequestError, RegistryRequiredError, TopicError } from '../errors/user-errors.js';

/**
 * Gives a mistake the statement that it is in. What is already tied to a statement, and what concerns the request as a whole,
 * passes through.
 */
export function withStatementText<T>(text: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    if (
      error instanceof KsqlStatementError ||
      error instanceof KsqlRequestError ||
      error instanceof TopicError ||
      error instanceof RegistryRequiredError
    ) {
      throw error;
    }
    if (error instanceof PreparationError) throw new ParseFailedError(error.message, text);
    throw new KsqlStatementError(error.message, text, { cause: error });
  }
}
