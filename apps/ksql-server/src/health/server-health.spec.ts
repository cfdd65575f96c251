import { describe, expect, it } from '@jest/globals';
import type { ServerContext } from '../server-context.js';
import type { BrokerWatch } from './broker-watch.js';
import { serverHealth } from './server-health.js';

const watch = { trouble: () => Promise.resolve(undefined) } as unknown as BrokerWatch;
const health = (context: unknown) =>
  serverHealth(
    { state: 'READY', turnedAway: { news: () => undefined }, ...(context as object) } as unknown as ServerContext,
    watch,
  );

describe('the health of a server', () => {
  it('says why a log cannot be run', async () => {
    const reason = 'command 7 of the topic was written by a later version of this server';
    const { engine } = await health({ state: 'INITIALIZING', engine: undefined, notOpenReason: reason });
    expect(engine).toEqual({ status: 'down', reason });
  });

  it('names a query that cannot be started, paused or not, beside those that run', async () => {
    const query = {
      isPaused: true,
      errors: [{ message: 'there is no function F()' }],
      problem: 'there is no function F()',
    };
    const running = { isPaused: false, errors: [], task: { state: 'RUNNING', metrics: { restarts: 0 } } };
    const queries = new Map(Object.entries({ A: { ...query, queryId: 'A' }, B: { ...running, queryId: 'B' } }));
    const { queries: part } = await health({ engine: { queries, commandFailures: [] } });
    expect(part).toEqual({ status: 'down', reason: '1 of 2 queries do not run: A: there is no function F()' });
  });

  it('names a query that waits for a schema, and why the registry does not give it', async () => {
    const schemaWait = { schemaId: 7, reason: 'the registry is away', sinceMs: 1_000 };
    const task = { state: 'RUNNING', metrics: { restarts: 0 }, schemaWait };
    const queries = new Map([['A', { queryId: 'A', isPaused: false, errors: [], task }]]);
    const options = { clock: { nowMs: () => 61_000 } };
    const { queries: part } = await health({ engine: { queries, commandFailures: [], options } });
    expect(part).toEqual({
      status: 'down',
      reason: expect.stringContaining('A: waits for the schema with id 7: the registry is away'),
    });
  });

  it('says that a later server has written to the log that this one runs', async () => {
    const laterLog = new Error('command 7 of the topic was written by a later version of this server');
    const { engine } = await health({ engine: { queries: new Map(), commandFailures: [], laterLog } });
    expect(engine).toEqual({ status: 'down', reason: laterLog.message });
  });

  it('says for a minute that clients found no room, and is as well as before', async () => {
    const news = 'too many scans, 2 turned away since the start (KSQL_SCANS_MAX is 2)';
    const engine = { queries: new Map(), commandFailures: [] };
    expect(await health({ engine })).not.toHaveProperty('connections');
    const { connections } = await health({ engine, turnedAway: { news: () => news } });
    expect(connections).toEqual({ status: 'down', optional: true, reason: news });
  });

  it('names a record that is no command by its reason', async () => {
    const commandFailures = [{ sequenceNumber: 3, statement: '', reason: 'not JSON' }];
    const { commands } = await health({ engine: { queries: new Map(), commandFailures } });
    expect(commands).toEqual({ status: 'down', reason: 'logged commands cannot be applied: 3: not JSON' });
  });

  it('says who leads where this server stands by, whose queries are no trouble then, and why nobody does', async () => {
    const query = { queryId: 'A', isPaused: false, errors: [] };
    const standby = (leadership: object) => ({
      engine: {
        isOwner: false,
        leadership: { role: 'standby', standbys: [], ...leadership },
        queries: new Map([['A', query]]),
        commandFailures: [],
      },
    });
    const behind = await health(standby({ leader: { url: 'http://a:1' } }));
    expect(behind.leadership).toEqual({ status: 'up', reason: 'this server stands by: http://a:1 leads' });
    expect(behind.queries).toEqual({ status: 'up' });
    expect((await health(standby({}))).leadership.status).toBe('down');
    const trouble = 'no broker answers: it is not known who leads';
    expect((await health(standby({ leader: { url: 'http://a:1' }, trouble }))).leadership).toEqual({
      status: 'down',
      reason: trouble,
    });
    const leading = await health({ engine: { ...standby({}).engine, isOwner: true, leadership: { role: 'leader' } } });
    expect(leading).toMatchObject({ leadership: { status: 'up' }, queries: { status: 'down' } });
  });
});
