import { KsqlError, KsqlStatementError } from './sql-error.js';

/** A mistake that ksqlDB reports for the request as a whole, without the statement. */
export class KsqlRequestError extends KsqlError {}

/** A topic that cannot be made, or is not as the statement wants it: ksqlDB calls that a failure of the server. */
export class TopicError extends KsqlError {}

/** A statement that failed for a reason outside itself. */
export class FailedStatementError extends KsqlStatementError {
  override get errorCode(): number {
    return 50000;
  }
}

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
