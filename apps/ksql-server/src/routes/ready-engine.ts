import type { KsqlEngine } from '@isobar/ksql-engine';
import { NOT_READY, RequestError } from '../http/responses.js';
import type { ServerContext } from '../server-context.js';

/** The engine, or the 503 that says why it cannot be asked yet. */
export function readyEngine(context: ServerContext): KsqlEngine {
  if (context.state === 'SHUTTING_DOWN') throw new RequestError(50303, 'The server is shutting down');
  if (!context.engine) throw new RequestError(NOT_READY, 'KSQL is not yet ready to serve requests.');
  return context.engine;
}
