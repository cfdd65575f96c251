/** A place in SQL text: `line` counts from 1, `column` from 0 when taken from the lexer and is shown from 1 in messages. */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
}

/** A user's mistake that is not tied to one statement (ksqlDB: KsqlException). */
export class KsqlError extends Error {
  override readonly name: string = 'KsqlException';

  /** ksqlDB's code for clients; its first three digits are the HTTP status. */
  get errorCode(): number {
    return 40000;
  }
}

/** A user's mistake in one statement (ksqlDB: KsqlStatementException). The text of the statement travels with it. */
export class KsqlStatementError extends KsqlError {
  override readonly name: string = 'KsqlStatementException';

  constructor(
    message: string,
    readonly statementText: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  override get errorCode(): number {
    return 40001;
  }
}

/** The text is not SQL (ksqlDB: ParseFailedException). */
export class ParseFailedError extends KsqlStatementError {
  override readonly name = 'ParseFailedException';

  constructor(
    message: string,
    statementText: string,
    readonly location?: SourceLocation,
  ) {
    super(message, statementText);
  }
}

/** A record that stops a query for good, such as a DECIMAL sum that overflows (Kafka Streams: StreamsException). */
export class StreamsError extends Error {
  override readonly name = 'StreamsException';
}
