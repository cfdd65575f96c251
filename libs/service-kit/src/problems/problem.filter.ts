import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import type { Logger } from 'pino';
import { Problem, problemType, type ProblemBody } from './problem.js';
import { loggedPath, requestIdOf } from '../http/request-id.js';

const typeNames: Readonly<Record<number, string>> = {
  400: 'malformed-request',
  401: 'not-authenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  409: 'conflict',
  413: 'too-large',
  415: 'unsupported-media-type',
  422: 'validation',
  429: 'too-many-requests',
  503: 'upstream-unavailable',
  504: 'timeout',
};

/** Every answer that is not a success is a problem body; what went wrong inside is logged, never shown. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const body = toProblemBody(error, request.originalUrl, requestIdOf(request));
    if (body.status >= 500)
      this.logger.error({ err: error, requestId: body.requestId, path: loggedPath(body.instance) }, body.title);
    if (response.headersSent) {
      response.end();
      return;
    }
    response.status(body.status).setHeader('Content-Type', 'application/problem+json').end(JSON.stringify(body));
  }
}

function toProblemBody(error: unknown, instance: string, requestId: string): ProblemBody {
  if (error instanceof Problem) {
    const { type, title, detail, errors, fix } = error.problem;
    return {
      type: problemType(type),
      title,
      status: error.getStatus(),
      ...(detail === undefined ? {} : { detail }),
      instance,
      requestId,
      ...(errors === undefined ? {} : { errors }),
      ...(fix === undefined ? {} : { fix }),
    };
  }
  const status = statusOf(error);
  const title = STATUS_CODES[status] ?? 'Error';
  const detail = status < 500 && error instanceof Error ? detailOf(error, instance) : undefined;
  return {
    type: problemType(typeNames[status] ?? (status >= 500 ? 'internal' : 'request')),
    title: status === 500 ? 'The service could not do this; its log has the cause' : title,
    status,
    ...(detail === undefined ? {} : { detail }),
    instance,
    requestId,
  };
}

/** Nest's pipe for numbers, which stands where an address has an id, names neither the place nor what would do. */
const detailOf = ({ message }: Error, instance: string): string =>
  message === 'Validation failed (numeric string is expected)'
    ? `An id in ${instance.split('?', 1)[0]} is no number; ids of this kind are whole numbers, such as 1.`
    : message;

/** Nest's exceptions and the errors of Express' body parser (which carry `status`). */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error === 'object' && error !== null && 'status' in error) {
    const { status } = error;
    if (typeof status === 'number' && status >= 400 && status < 600) return status;
  }
  return 500;
}
