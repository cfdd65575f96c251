import { createRequire } from 'node:module';

/** What is used of the queue that each of kafkajs's connections has; kafkajs publishes no types for it. */
export interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const require = createRequire(import.meta.url);
export const KafkaJsRequestQueue = require('kafkajs/src/network/requestQueue') as {
  new (options: object): RequestQueue;
  readonly prototype: RequestQueue;
};

/**
 * kafkajs 2.2.4 looks for waiting requests again after `throttledUntil - now`, which is far below zero on a connection that was never
 * throttled: a timer that fires each millisecond for as long as the connection lives, 2 to 3 % of a core per idle service. A look is
 * only of use while requests wait; who adds one asks for the look, and every answer looks too.
 * https://github.com/tulios/kafkajs/issues/1751
 */
export function keepIdleConnectionsIdle(): void {
  const { prototype } = KafkaJsRequestQueue;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
