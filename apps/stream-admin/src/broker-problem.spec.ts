import { describe, expect, it } from '@jest/globals';
import { brokerProblem } from './broker-problem.js';

/** What `brokerProblem` makes of an error. */
const told = (error: unknown): unknown => {
  try {
    return brokerProblem(error);
  } catch (thrown) {
    return thrown;
  }
};

describe('what a broker did not do for a request', () => {
  it.each([
    ['an error of the client', Object.assign(new Error('connect ECONNREFUSED'), { name: 'KafkaJSConnectionError' })],
    ['a topic that is away', Object.assign(new Error('no such topic'), { name: 'MissingTopicError' })],
    ['a connection that was lost meanwhile, for which the client has no class', new Error('Broker not connected')],
  ])('is 503 with the reason: %s', (_what, error) => {
    expect(told(error)).toMatchObject({
      problem: { type: 'upstream-unavailable', detail: error.message },
      status: 503,
    });
  });

  it('an error of our own stays what it is', () => {
    const bug = new TypeError('x is not a function');
    expect(told(bug)).toBe(bug);
  });
});
