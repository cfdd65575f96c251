import { parentPort } from 'node:worker_threads';
import { must } from '../../errors/assert.js';
import type { ToThread } from './query-messages.js';
import { QueryThread, type QueryThreadOptions } from './query-thread.js';

/** Runs queries for the thread that made this one, until it is ended from there. To be called once, by the program of the thread. */
export function serveQueries(options: QueryThreadOptions): void {
  const port = must(parentPort, 'port to the thread that answers requests');
  const thread = new QueryThread(
    { postMessage: (message, transfer) => port.postMessage(message, transfer === undefined ? [] : [...transfer]) },
    options,
  );
  port.on('message', (message: ToThread) => thread.take(message));
}
