import { expect, it } from '@jest/globals';
import { TenureOverError } from '@isobar/ksql-engine';
import { isExpected, toApiError } from './responses.js';

it('a statement that came between two leaders may be sent again: 503, and no fault of the server', () => {
  const error = new TenureOverError('this server does not own its service id any more: no broker answers');
  const done = [{ commandId: 'first of two' }];
  const answer = toApiError(error, done);
  expect([answer.status, answer.code, answer.entities]).toEqual([503, 50304, done]);
  expect(answer.message).toBe(`${error.message}; try again in a few seconds.`);
  expect(isExpected(error)).toBe(true);
  expect([toApiError(new Error('a fault')).status, isExpected(new Error('a fault'))]).toEqual([500, false]);
});
