import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ConnectClient, ConnectError, type ConnectStatus } from './connect-client.js';
import { KeepConnector } from './keep-connector.js';

const file = { file: 'users.json', name: 'users', config: { 'connector.class': 'io.example.Source' } };
const status = (connector: string, ...tasks: string[]): ConnectStatus => ({
  name: 'users',
  type: 'source',
  connector: { state: connector, worker_id: 'w' },
  tasks: tasks.map((state, id) => ({
    id,
    state,
    worker_id: 'w',
    ...(state === 'FAILED' && { trace: 'org.Example\n\tat x\nCaused by: password=hunter2 is wrong' }),
  })),
});

/** Answers as the test says; the real Connect is asked in the whole-stack tests. */
class ScriptedConnect extends ConnectClient {
  held: Readonly<Record<string, string>> | undefined;
  next: ConnectStatus | Error | undefined;
  readonly calls: string[] = [];

  constructor() {
    super('http://unused');
  }
  override async config() {
    return this.held;
  }
  override async putConfig(name: string, config: Readonly<Record<string, string>>) {
    this.calls.push('put');
    if (this.next instanceof Error) throw this.next;
    this.held = { ...config, name };
  }
  override async status() {
    if (this.next instanceof Error) throw this.next;
    return this.next;
  }
  override async restartFailed() {
    this.calls.push('restart');
  }
}

function setUp() {
  const connect = new ScriptedConnect();
  const clock = { nowMs: 0 };
  const options = { firstRestartDelayMs: 1_000, restartDelayMaxMs: 8_000, wellAfterMs: 60_000 };
  const keeper = new KeepConnector(file, connect, pino({ level: 'silent' }), () => clock.nowMs, options);
  return { connect, clock, keeper };
}

describe('KeepConnector', () => {
  it('creates the connector and takes every sign of a worker that starts as starting', async () => {
    const { connect, keeper } = setUp();
    connect.next = new ConnectError(409, 'a rebalance is in progress');
    await keeper.step();
    expect(keeper.report).toMatchObject({ state: 'starting', reason: 'a rebalance is in progress' });
    connect.next = undefined;
    await keeper.step();
    expect(keeper.report.state).toBe('starting');
    connect.next = status('RUNNING');
    await keeper.step();
    expect(keeper.report).toMatchObject({ state: 'starting', reason: 'Connect has not started its task yet' });
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    expect(keeper.report).toMatchObject({ state: 'running', reason: null, tasks: [{ id: 0, state: 'RUNNING' }] });
    expect(connect.calls).toEqual(['put', 'put']);
  });

  it('leaves a connector alone that already has this configuration', async () => {
    const { connect, keeper } = setUp();
    connect.held = { ...file.config, name: 'users' };
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    expect(connect.calls).toEqual([]);
  });

  it('says refused with the words of Connect, and tries again', async () => {
    const { connect, keeper } = setUp();
    connect.next = new ConnectError(400, 'Connector configuration is invalid: password=hunter2');
    await keeper.step();
    expect(keeper.report).toMatchObject({
      state: 'refused',
      reason: 'Connector configuration is invalid: password=[hidden]',
    });
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    expect(keeper.report.state).toBe('running');
  });

  it('restarts failed tasks after pauses that double up to a limit, and forgets them when all is well', async () => {
    const { connect, clock, keeper } = setUp();
    const restartsAt: number[] = [];
    connect.next = status('RUNNING', 'FAILED');
    for (; clock.nowMs <= 40_000; clock.nowMs += 500) {
      const before = connect.calls.length;
      await keeper.step();
      if (connect.calls.slice(before).includes('restart')) restartsAt.push(clock.nowMs);
    }
    const pauses = restartsAt.map((at, index) => at - (restartsAt[index - 1] ?? 0));
    expect(pauses).toEqual([1_000, 2_500, 4_500, 8_500, 8_500, 8_500]);
    expect(keeper.report).toMatchObject({ state: 'failed', restarts: 6 });
    expect(keeper.report.reason).toBe('connector RUNNING, task 0 FAILED; Caused by: password=[hidden] is wrong');
    expect(keeper.report.tasks[0]?.trace).not.toContain('hunter2');

    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    expect(keeper.report).toMatchObject({ state: 'running', restarts: 6 });
    clock.nowMs += 60_000;
    await keeper.step();
    expect(keeper.report.restarts).toBe(0);
  });

  it('puts a connector back that somebody removed', async () => {
    const { connect, keeper } = setUp();
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    connect.held = undefined;
    connect.next = undefined;
    await keeper.step();
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    expect(connect.calls).toEqual(['put', 'put']);
    expect(keeper.report.state).toBe('running');
  });
});
