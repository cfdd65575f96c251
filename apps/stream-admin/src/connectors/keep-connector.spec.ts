import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { ConnectClient, ConnectError, type ConnectStatus } from './connect-client.js';
import { KeepConnector } from './keep-connector.js';
import type { ReplicationStatus } from './replication-client.js';

const file = {
  file: 'users.json',
  name: 'users',
  config: { 'connector.class': 'io.example.Source', 'slot.name': 'people', 'publication.name': 'people_changes' },
};
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
  override async hasOffsets() {
    return false;
  }
}

/** What PostgreSQL says; user-service is asked in the tests with real servers. */
class ScriptedReplication {
  next: ReplicationStatus | Error = {
    slot: { name: 'people', active: true, walStatus: 'reserved', invalidationReason: null, retainedBytes: 0 },
    publication: { name: 'people_changes', tables: ['public.users'] },
  };
  async status() {
    if (this.next instanceof Error) throw this.next;
    return this.next;
  }
}

function setUp() {
  const connect = new ScriptedConnect();
  const clock = { nowMs: 0 };
  const options = { firstRestartDelayMs: 1_000, restartDelayMaxMs: 8_000, wellAfterMs: 60_000 };
  const replication = new ScriptedReplication();
  const log = pino({ level: 'silent' });
  const keeper = new KeepConnector(file, connect, replication, log, () => clock.nowMs, options);
  return { connect, replication, clock, keeper };
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

  it.each<[string, Partial<ReplicationStatus>, string]>([
    ['is gone', { slot: null }, 'the replication slot people is gone and changes since then are lost'],
    [
      'was invalidated',
      {
        slot: { name: 'people', active: false, walStatus: 'lost', invalidationReason: 'wal_removed', retainedBytes: 0 },
      },
      'the replication slot people was invalidated (wal_removed) and changes since then are lost',
    ],
    ['is without its publication', { publication: null }, 'the publication people_changes is gone'],
    ['has a publication of nothing', { publication: { name: 'x', tables: [] } }, 'holds no table'],
  ])(
    'says failed while Connect says RUNNING when the slot %s, and restarts nothing in vain',
    async (_what, seen, words) => {
      const { connect, replication, clock, keeper } = setUp();
      connect.next = status('RUNNING', 'RUNNING');
      await keeper.step();
      expect(keeper.report.state).toBe('running');
      replication.next = { ...(replication.next as ReplicationStatus), ...seen };
      await keeper.step();
      expect(keeper.report).toMatchObject({ state: 'failed', connectState: 'RUNNING' });
      expect(keeper.report.reason).toContain(words);
      expect(keeper.report.reason).toContain('npx isobar people resnapshot');
      connect.next = status('RUNNING', 'FAILED');
      for (; clock.nowMs < 300_000; clock.nowMs += 500) await keeper.step();
      expect(connect.calls).toEqual(['put']);
      expect(keeper.report).toMatchObject({ restarts: 0, nextRestartAt: null });
    },
  );

  it('goes by what Connect says while PostgreSQL cannot be asked, or the slot was never there', async () => {
    const { connect, replication, keeper } = setUp();
    connect.next = status('RUNNING', 'RUNNING');
    replication.next = new Error('user-service is away');
    await keeper.step();
    expect(keeper.report.state).toBe('running');
    replication.next = { slot: null, publication: null };
    await keeper.step();
    expect(keeper.report.state).toBe('running');
  });

  it('says paused of a connector that somebody stopped', async () => {
    const { connect, keeper } = setUp();
    connect.next = status('STOPPED');
    await keeper.step();
    expect(keeper.report).toMatchObject({ state: 'paused', reason: 'somebody paused it: connector STOPPED' });
  });

  it('leaves the connector alone while other work is done with it, and shows what that says', async () => {
    const { connect, keeper } = setUp();
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    await keeper.leaveTo(async (tell) => {
      tell('a new snapshot is under way');
      connect.next = status('STOPPED');
      await keeper.step();
      expect(keeper.report).toMatchObject({ state: 'starting', reason: 'a new snapshot is under way' });
      await expect(keeper.leaveTo(async () => undefined)).rejects.toThrow('a new snapshot is under way');
    });
    connect.next = status('RUNNING', 'RUNNING');
    await keeper.step();
    expect(keeper.report.state).toBe('running');
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
