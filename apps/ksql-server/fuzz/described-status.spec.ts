import { expect, it } from '@jest/globals';
import { undescribedStatus } from './described-status.js';

const operations = [
  { method: 'GET', path: '/users/{id}', queryNames: [], statuses: [200, 404] },
  { method: 'GET', path: '/users/search', queryNames: ['q'], statuses: [200] },
];

it.each([
  ['GET /users/7', 404, undefined],
  ['GET /users/7', 409, 'GET /users/{id}: 409 is not in its description'],
  ['GET /users/7?x=1', 409, 'GET /users/{id}: 409 is not in its description'],
  ['GET /users/search?q=a', 404, 'GET /users/search: 404 is not in its description'],
  ['GET /users/7/rules', 409, undefined],
  ['POST /users/7', 409, undefined],
  ['GET /users/7', 431, undefined],
])('%s is answered %i: %s', (line, status, words) => {
  expect(undescribedStatus(operations, `${line} HTTP/1.1\r\nHost: localhost\r\n\r\n`, status)).toBe(words);
});

it('a body where none is meant may be refused as such', () => {
  const request = 'GET /users/7 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}';
  expect([415, 409].map((status) => undescribedStatus(operations, request, status))).toEqual([
    undefined,
    'GET /users/{id}: 409 is not in its description',
  ]);
});
