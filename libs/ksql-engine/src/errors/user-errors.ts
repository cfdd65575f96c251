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

/** Only the server that owns the service id can do this; this one stands by. */
export class NotLeaderError extends KsqlError {
  /** @param what of this server cannot be had: a sentence */
  constructor(what: string, leaderUrl: string | undefined) {
    const where =
      leaderUrl === undefined ? 'No server leads now; try again in a few seconds.' : `Ask ${leaderUrl}, which leads.`;
    super(`This server is a standby of its service id. ${what} ${where}`);
  }

  override get errorCode(): number {
    return 50304;
  }
}
