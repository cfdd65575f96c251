import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exitCodes } from '../exit-codes.js';
import { listGroups, listQueries, showGroup } from './pipeline.js';

describe('isobar queries list --exit-code', () => {
  let server: Server;
  let answered: readonly (readonly [version: string, health: string])[] = [];
  let printed = '';

  beforeAll(async () => {
    server = createServer((_request, response) => {
      const queries = answered.map(([version, health], index) => ({
        ...{ name: `Q${index}`, kind: 'TABLE', state: health.toUpperCase(), health, because: [], version },
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
    ['one was dropped or terminated by hand', ['missing failed', 'up-to-date'], exitCodes.drifted],
    ['a file was edited', ['up-to-date', 'changed'], exitCodes.pending],
    ['a file was added', ['pending failed'], exitCodes.pending],
    ['one is made at this moment', ['up-to-date', 'deploying failed'], exitCodes.pending],
    ['a file was edited and another query changed by hand', ['changed', 'drifted'], exitCodes.drifted],
    ['one is in ERROR', ['up-to-date', 'up-to-date failed'], exitCodes.unwell],
    ['one that no file declares is in ERROR', ['up-to-date', 'unmanaged failed'], exitCodes.unwell],
    ['one gets nothing done', ['up-to-date stalled'], exitCodes.unwell],
    ['one is paused', ['up-to-date paused'], exitCodes.unwell],
    ['one is listed and cannot be explained', ['up-to-date orphan'], exitCodes.unwell],
    ['one cannot be reached', ['up-to-date unreachable'], exitCodes.unwell],
    ['one has nothing to read, and others have much', ['up-to-date idle', 'up-to-date catching-up'], undefined],
    ['one is behind and goes on', ['up-to-date falling-behind'], undefined],
    ['one is in ERROR and another was changed by hand', ['drifted', 'up-to-date failed'], exitCodes.unwell],
    ['one is in ERROR and a file was edited', ['changed failed'], exitCodes.unwell],
  ])('when %s', async (_what, given, code) => {
    answered = given.map((each) => {
      const [version = '', health = 'running'] = each.split(' ');
      return [version, health];
    });
    const { port } = server.address() as AddressInfo;
    await listQueries({ server: `http://127.0.0.1:${port}`, output: 'table', exitCode: true });
    expect(process.exitCode).toBe(code);
    for (const [version, health] of answered) expect(printed).toMatch(new RegExp(`${health}\\s+${version}`));
    process.exitCode = undefined;
    await listQueries({ server: `http://127.0.0.1:${port}`, output: 'table' });
    expect(process.exitCode).toBeUndefined();
  });
});

describe('isobar groups', () => {
  let server: Server;
  let state = '';
  let id = '';
  let printed = '';

  beforeAll(async () => {
    server = createServer(({ url }, response) => {
      const group = { id, state, members: 0, lag: 3, topics: [{ topic: 'weather-data', lag: 3 }] };
      const answer = url === '/consumer-groups' ? { items: [group] } : group;
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    printed = '';
    jest.spyOn(console, 'log').mockImplementation((text: string) => void (printed += text));
  });
  afterEach(() => void jest.restoreAllMocks());

  const queryGroup = '_confluent-ksql-default_query_CSAS_CLEAN_WEATHER_3';
  it.each<[string, string, string, boolean]>([
    ['the group of a query is Empty', queryGroup, 'Empty', true],
    ['the group of a query has members, as with another server', queryGroup, 'Stable', false],
    ['the readers of a group left it', 'dashboard', 'Empty', false],
  ])('when %s', async (_what, givenId, givenState, isExplained) => {
    [id, state] = [givenId, givenState];
    const { port } = server.address() as AddressInfo;
    const explained = 'Empty is in order for the group of a query (_confluent-ksql-…)';
    for (const show of [listGroups, showGroup.bind(undefined, id)]) {
      printed = '';
      await show({ server: `http://127.0.0.1:${port}`, output: 'table' });
      expect(printed).toContain(id);
      expect(printed.split('\n').filter((line) => line.startsWith(explained))).toHaveLength(isExplained ? 1 : 0);
      printed = '';
      await show({ server: `http://127.0.0.1:${port}`, output: 'json' });
      expect(JSON.stringify(JSON.parse(printed))).toContain(id);
    }
  });
});
