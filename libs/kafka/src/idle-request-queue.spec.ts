import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { KafkaJsRequestQueue, type RequestQueue } from './idle-request-queue.js';
import './kafka-client.js';

const silent = { debug: () => undefined, error: () => undefined, warn: () => undefined };

function queueOf(): RequestQueue & { push(request: object): void } {
  return new KafkaJsRequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'spec',
    broker: 'localhost:1',
    logger: silent,
  }) as RequestQueue & { push(request: object): void };
}

const request = (correlationId: number) => ({
  entry: { correlationId, apiName: 'Spec', resolve: () => undefined, reject: () => undefined },
  expectResponse: true,
  sendRequest: () => undefined,
});

describe('the queue of an idle connection', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('sets no timer while nothing waits', () => {
    const queue = queueOf();
    queue.scheduleCheckPendingRequests();
    queue.push(request(1));
    expect(jest.getTimerCount()).toBe(0);
  });

  it('looks again for a request that waits for its turn', () => {
    const queue = queueOf();
    queue.push(request(1));
    queue.push(request(2));
    expect(queue.pending).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(1);
  });
});
