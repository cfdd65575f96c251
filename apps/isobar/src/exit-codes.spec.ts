import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { exitCodeOf } from './exit-codes.js';
import { program } from './program.js';

describe('the exit code', () => {
  let server: Server;
  let status = 200;
  let asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ title: 'no' }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    process.env['ISOBAR_HOME'] = tmpdir();
  });
  afterAll(() => {
    delete process.env['ISOBAR_HOME'];
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    asked = [];
  });

  const codeOf = async (...args: string[]): Promise<number> =>
    exitCodeOf(await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => error));
  const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  it.each([
    [404, 64],
    [400, 64],
    [409, 1],
    [422, 1],
    [500, 1],
    [503, 69],
  ])('for an answer %i about a name is %i', async (answered, code) => {
    status = answered;
    for (const command of [
      ['topics', 'show', 'nope'],
      ['queries', 'show', 'nope'],
      ['connectors', 'show', 'nope'],
      ['groups', 'show', 'nope'],
      ['dlq', 'show', 'nope'],
      ['dlq', 'replay', 'nope'],
      ['city', 'remove', 'nope'],
    ])
      expect([command, await codeOf(...command, '--server', address())]).toEqual([command, code]);
    expect(asked).toContain('DELETE /cities/nope');
  });

  it.each([
    ['dlq', 'replay'],
    ['dlq', 'replay', 'a', 'b', '--value', 'x'],
    ['dlq', 'replay', '--all', '--value', 'x'],
    ['logs', 'nope'],
    ['sql', 'SHOW TABLES;', '-e', 'SHOW STREAMS;', '--server', 'http://127.0.0.1:1'],
    ['sql', '-f', 'nope.sql', '-e', 'SHOW STREAMS;', '--server', 'http://127.0.0.1:1'],
  ])('of %s %s %s %s %s is 64, and nobody is asked', async (...command) => {
    const where = command[0] === 'dlq' ? ['--server', address()] : [];
    expect(await codeOf(...command.filter(Boolean), ...where)).toBe(64);
    expect(asked).toEqual([]);
  });

  it('of a service that is not there is 69', async () => {
    expect(await codeOf('topics', 'show', 'nope', '--server', 'http://127.0.0.1:1')).toBe(69);
  });
});
