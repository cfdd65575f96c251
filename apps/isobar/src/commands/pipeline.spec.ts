import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exitCodes } from '../exit-codes.js';
import { listQueries } from './pipeline.js';

describe('isobar queries list --exit-code', () => {
  let server: Server;
  let versions: readonly string[] = [];
  let printed = '';

  beforeAll(async () => {
    server = createServer((_request, response) => {
      const queries = versions.map((version, index) => ({
        ...{ name: `Q${index}`, kind: 'TABLE', state: 'RUNNING', health: 'running', because: [], version },
        ...{ topic: 't', error: null, file: null, queryId: null, sources: [] },
      }));
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(queries));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    // Specs that ran before in the same process may have left theirs.
    process.exitCode = undefined;
    printed = '';
    jest.spyOn(console, 'log').mockImplementation((text: string) => void (printed += text));
  });
  afterEach(() => {
    process.exitCode = undefined;
    jest.restoreAllMocks();
  });

  it.each<[string, readonly string[], number | undefined]>([
    ['all is as the files say', ['up-to-date', 'up-to-date'], undefined],
    ['one was changed by hand', ['up-to-date', 'drifted'], exitCodes.drifted],
    ['one was dropped or terminated by hand', ['missing', 'up-to-date'], exitCodes.drifted],
    ['a file was edited', ['up-to-date', 'changed'], exitCodes.pending],
    ['a file was added', ['pending'], exitCodes.pending],
    ['a file was edited and another query changed by hand', ['changed', 'drifted'], exitCodes.drifted],
  ])('when %s', async (_what, given, code) => {
    versions = given;
    const { port } = server.address() as AddressInfo;
    await listQueries({ server: `http://127.0.0.1:${port}`, output: 'table', exitCode: true });
    expect(process.exitCode).toBe(code);
    for (const version of given) expect(printed).toContain(version);
    process.exitCode = undefined;
    await listQueries({ server: `http://127.0.0.1:${port}`, output: 'table' });
    expect(process.exitCode).toBeUndefined();
  });
});
