/** A position in the text of a request, both counted from 1. */
export interface SqlPlace {
  readonly line: number;
  readonly column: number;
}

/** What every failure of the client has in common. */
export abstract class KsqlError extends Error {
  /** Whether the same call may succeed later without any change. */
  abstract readonly retriable: boolean;
}

export interface ServerRefusal {
  /** HTTP status of the answer. */
  readonly status: number;
  /** ksqlDB's own code; its first three digits are the HTTP status. 0 when the answer carried none. */
  readonly errorCode: number;
  readonly message: string;
  /** The statement as the server names it, when the error belongs to one. */
  readonly statementText?: string | undefined;
  /** Results of the statements that ran before the failing one. */
  readonly entities?: readonly unknown[] | undefined;
}

/** The server answered, and the answer is a refusal. */
export class KsqlServerError extends KsqlError {
  override readonly name = 'KsqlServerError';
  readonly status: number;
  readonly errorCode: number;
  readonly statementText: string | undefined;
  readonly entities: readonly unknown[];
  readonly place: SqlPlace | undefined;

  constructor(refusal: ServerRefusal) {
    super(refusal.message);
    this.status = refusal.status;
    this.errorCode = refusal.errorCode;
    this.statementText = refusal.statementText;
    this.entities = refusal.entities ?? [];
    this.place = placeInMessage(refusal.message);
  }

  /** Rate limits and a server that starts or stops: refused before anything was done. */
  override get retriable(): boolean {
    return this.errorCode === 42900 || Math.trunc(this.errorCode / 100) === 503;
  }
}

/** No answer at all: nobody listens, the connection broke, the name does not resolve. */
export class KsqlUnavailableError extends KsqlError {
  override readonly name = 'KsqlUnavailableError';
  override readonly retriable = true;
  /** The system's code, for example `ECONNREFUSED`. */
  readonly code: string;

  constructor(address: string, code: string, cause: unknown) {
    super(`No answer from ksqlDB at ${address} (${code}). Is the server running, and is KSQLDB_URL right?`, { cause });
    this.code = code;
  }

  /** True when the request cannot have reached the server, so that even a change may be sent again. */
  get neverReached(): boolean {
    return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(this.code);
  }
}

export class KsqlTimeoutError extends KsqlError {
  override readonly name = 'KsqlTimeoutError';
  override readonly retriable = true;

  constructor(what: string, timeoutMs: number) {
    super(`ksqlDB did not finish ${what} within ${timeoutMs} ms.`);
  }
}

/** The answer is not what the protocol says; the server is something else, or speaks a newer dialect. */
export class KsqlProtocolError extends KsqlError {
  override readonly name = 'KsqlProtocolError';
  override readonly retriable = false;
}

// "line 1:30: Syntax Error", "Line: 1, Col: 29: SELECT column …", "Line 1, Column 23: …"
const placePatterns = [/\bline (\d+):(\d+)/i, /\bLine:? (\d+), Col(?:umn)?:? (\d+)/i];

/** Finds the first "line 1:30" or "Line: 1, Col: 29" of a server's message. */
export function placeInMessage(message: string): SqlPlace | undefined {
  const found = placePatterns.map((pattern) => pattern.exec(message)).find((match) => match !== null);
  return found ? { line: Number(found[1]), column: Number(found[2]) } : undefined;
}

/**
 * Reads a `generic_error` or `statement_error` (or any other text that came with a bad status).
 * @param status HTTP status; for an error inside a stream whose header said 200, the code decides
 */
export function serverError(status: number, body: unknown): KsqlServerError {
  if (typeof body === 'object' && body !== null && 'message' in body) {
    const fields: { error_code?: unknown; message: unknown; statementText?: unknown; entities?: unknown } = body;
    const errorCode = typeof fields.error_code === 'number' ? fields.error_code : 0;
    return new KsqlServerError({
      status: status === 200 && errorCode > 0 ? Math.trunc(errorCode / 100) : status,
      errorCode,
      message: String(fields.message),
      statementText: typeof fields.statementText === 'string' ? fields.statementText : undefined,
      entities: Array.isArray(fields.entities) ? fields.entities : [],
    });
  }
  const text = typeof body === 'string' && body.trim() !== '' ? `: ${body.trim().slice(0, 300)}` : '';
  return new KsqlServerError({ status, errorCode: 0, message: `ksqlDB answered HTTP ${status}${text}` });
}
