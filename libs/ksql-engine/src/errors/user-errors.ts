import { KsqlError, KsqlStatementError } from './sql-error.js';

/** A mistake that ksqlDB reports for the request as a whole, without the statement. */
export class KsqlRequestError extends KsqlError {}

/** A query whose result the sink's formats cannot carry. It has a statement, but clients hear of the request only. */
export class UnsupportedSinkError extends KsqlStatementError {
  override get errorCode(): number {
    return 40000;
  }
}

/** The statement needs a schema registry, which this engine does not talk to yet. */
export class RegistryRequiredError extends KsqlError {
  override get errorCode(): number {
    return 42801;
  }
}
