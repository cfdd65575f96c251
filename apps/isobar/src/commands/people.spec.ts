import { afterAll, afterEach, beforeAll, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { erasePerson, importPeople } from './people.js';

const file = fileURLToPath(new URL('../../../../docs/how-to/examples/people.csv', import.meta.url));
const asked: string[] = [];
let answer = '';
let server: Server;
let address = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? ''}`.trim());
    response.end(request.method === 'DELETE' ? '' : answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});
afterEach(() => {
  asked.length = 0;
  jest.restoreAllMocks();
});

const options = () => ({ output: 'text', server: address, kind: 'people', existing: 'skip' });

it('an import says line and column of what is wrong, and fails when rows were not written', async () => {
  const printed = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const bad = { line: 3, column: 4, field: 'cityKey', detail: 'is no known city' };
  answer = [
    JSON.stringify({ batch: 1, written: 0, skipped: 0, refused: 2, errors: [bad], moreErrors: 0 }),
    JSON.stringify({ done: true, rows: 2, written: 0, skipped: 0, refused: 2, databaseMs: 1 }),
  ].join('\n');
  await expect(importPeople(file, options())).rejects.toThrow(/2 rows of .*people\.csv were not written/);
  expect(printed.mock.calls[0]?.[0]).toBe(
    'line 3, column 4, cityKey: is no known city\n0 written, 0 there already, 2 refused',
  );
  expect(asked).toEqual(['POST /imports/people?existing=skip text/csv']);
  await expect(importPeople('/no/such/file', options())).rejects.toThrow('/no/such/file cannot be read');
});

it('a person is erased by their whole username, and by no beginning of it', async () => {
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  answer = JSON.stringify({
    items: [
      { id: 7, username: 'annabel' },
      { id: 8, username: 'ann' },
    ],
  });
  await erasePerson('ann', options());
  expect(asked).toEqual(['GET /users?limit=1000&q=ann', 'DELETE /users/8']);
  await expect(erasePerson('an', options())).rejects.toThrow('there is no person "an"');
});
