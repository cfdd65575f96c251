import { KsqlError, KsqlStatementError, TenureOverError } from '@isobar/ksql-engine';
import type { Logger } from 'pino';
import type { Response } from './http-listener.js';

/** An answer other than 200, in ksqlDB's shape. `code / 100` is the HTTP status. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly statementText?: string,
    /** Entities of the statements that were executed before this one failed. */
    readonly entities: readonly unknown[] = [],
  ) {
    super(message);
  }

  get status(): number {
    return Math.trunc(this.code / 100);
  }

  body(): Record<string, unknown> {
    if (this.statementText === undefined)
      return { '@type': 'generic_error', error_code: this.code, message: this.message };
    return {
      '@type': 'statement_error',
      error_code: this.code,
      message: this.message,
      statementText: this.statementText,
      entities: this.entities,
    };
  }
}

/** A refusal before any statement is looked at; ksqlDB answers these without a content type. */
export class RequestError extends ApiError {}

export const BAD_REQUEST = 40000;
export const BAD_STATEMENT = 40001;
export const QUERY_ENDPOINT = 40002;
export const HTTP2_ONLY = 40004;
export const REQUEST_TIMEOUT = 40800;
export const BODY_TOO_LARGE = 41300;
export const TOO_MANY_REQUESTS = 42900;
export const READ_ONLY = 40300;
export const COMMAND_NOT_FOUND = 40400;
export const ASSERT_FAILED = 41700;
export const SERVER_ERROR = 50000;
export const SEQUENCE_TIMEOUT = 50301;
export const QUERY_TIMEOUT = 50400;
export const NOT_READY = 50302;
export const NO_LEADER = 50304;

/** What an engine error means to a client. */
export function toApiError(error: unknown, entities: readonly unknown[] = []): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof KsqlStatementError && error.errorCode !== BAD_REQUEST)
    return new ApiError(error.errorCode, error.message, error.statementText, entities);
  if (error instanceof KsqlError) return new ApiError(error.errorCode, error.message);
  // Whoever leads next, this server most likely, takes the same statement.
  if (error instanceof TenureOverError)
    return new ApiError(NO_LEADER, `${error.message}; try again in a few seconds.`, undefined, entities);
  return new ApiError(SERVER_ERROR, error instanceof Error ? error.message : String(error));
}

export function sendJson(response: Response, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

/** Whether an error is an answer that was meant, and not a fault of this server. */
export const isExpected = (error: unknown): boolean =>
  error instanceof ApiError || error instanceof KsqlError || error instanceof TenureOverError;

/** `namesType`: whether the error's content type is told; the streaming end points never do. */
export function sendError(response: Response, error: unknown, namesType: boolean, log: Logger): void {
  if (!isExpected(error)) log.error({ err: error }, 'a request failed for a reason of the server');
  const problem = toApiError(error);
  if (response.destroyed) return;
  if (response.headersSent) {
    response.end();
    return;
  }
  if (namesType && !(problem instanceof RequestError)) {
    sendJson(response, problem.status, problem.body());
    return;
  }
  const text = JSON.stringify(problem.body());
  response.writeHead(problem.status, { 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

export function sendEmpty(response: Response, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers);
  response.end();
}
