import { describe, expect, it } from '@jest/globals';
import type { Fault, FaultKind } from '../adapters/memory/fault-plan.js';
import type { MemoryBroker } from '../adapters/memory/memory-broker.js';
import type { FromThread, ToThread } from '../adapters/worker/query-messages.js';
import { QueryThread } from '../adapters/worker/query-thread.js';
import { QueryThreads } from '../adapters/worker/query-threads.js';
import type { OpenedThread } from '../adapters/worker/thread-handle.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { Checkpoints } from '../runtime/checkpoints.js';
import type { Leadership } from '../lease/ownership.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import { sleep } from '../ports/scheduler.js';
import type { SeededRandom } from '../testing/seeded-random.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';
import type { EngineOptions } from './engine-options.js';
import type { KsqlEngine as Engine } from './ksql-engine.js';

/*
 * Two or three servers of one service id. They are killed at any request, stand still for a minute and go on, start at the same time, have
 * clocks that differ by an hour, and their lease gets lost. What they write together must follow from the input by definition, each record once.
 */

const PARTITIONS = 3;
const RECORDS = 120;
const KEYS = ['a', 'b', 'c', 'd', 'e'];
const STATEMENTS = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
  CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT K, V FROM S WHERE V >= 50;
  CREATE TABLE C WITH (KAFKA_TOPIC='c') AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;
  CREATE STREAM R (K STRING KEY, V INT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
  CREATE TABLE D WITH (KAFKA_TOPIC='d') AS SELECT K, COUNT(*) AS N FROM R GROUP BY K;
`;
/** Beyond an hour the broker refuses what a server that is ahead writes. */
const SKEW_MAX_MS = 3_000_000;
const LEASE_TOPIC = '_confluent-ksql-sim_lease';

interface SimulatedServer {
  readonly broker: MemoryBroker;
  readonly name: string;
  engine: Engine | undefined;
  isFrozen: boolean;
  readonly roles: Leadership[];
  /** Its threads that live. */
  readonly threads: Set<SimulatedThread>;
}

const functions = createFunctionRegistry();

/** A thread with a client of its own. What it is told and tells is cloned and takes a turn, as between threads. */
class SimulatedThread implements OpenedThread {
  readonly broker: MemoryBroker;
  readonly #thread: QueryThread;
  readonly #down: (message: ToThread) => void;
  #take: (message: FromThread) => void = () => undefined;
  #gone: ((reason: string) => void) | undefined;

  constructor(
    private readonly world: SimulatedEngine,
    faults: readonly Fault[],
    clock: { nowMs(): number },
    transactionalIdPrefix: string,
    whenGone: (thread: SimulatedThread) => void,
  ) {
    this.broker = world.client(faults);
    // However it comes about: a fault of its client may kill it, too.
    const { link } = this.broker;
    const stop = link.stop.bind(link);
    link.stop = () => {
      if (link.isStopped) return;
      stop();
      this.#thread.close();
      whenGone(this);
      this.#gone?.('it ran out of memory');
    };
    const up = this.#way<FromThread>((message) => this.#take(message));
    this.#thread = new QueryThread(
      { postMessage: up },
      {
        broker: this.broker,
        clock,
        random: world.random,
        functions,
        config: { 'auto.offset.reset': 'earliest' },
        commitIntervalMs: 100,
        checkpoints: new Checkpoints(this.broker, 'sim', 1),
        internalTopicReplicas: 1,
        transactionalIdPrefix,
        schemas: undefined,
        deadLetter: () => undefined,
      },
    );
    this.#down = this.#way<ToThread>((message) => this.#thread.take(message));
  }

  postMessage(message: ToThread): void {
    this.#down(message);
  }
  onMessage(take: (message: FromThread) => void): void {
    this.#take = take;
  }
  onGone(gone: (reason: string) => void): void {
    this.#gone = gone;
  }
  terminate(): Promise<void> {
    this.die();
    return Promise.resolve();
  }
  die(): void {
    this.broker.link.stop();
  }

  /** One direction: nothing overtakes, nothing comes to or from one that has died. */
  #way<T>(deliver: (message: T) => void): (message: T) => void {
    const waiting: T[] = [];
    return (message) => {
      if (this.broker.link.isStopped) return;
      waiting.push(structuredClone(message));
      this.world.scheduler.after(0, () => {
        const next = waiting.shift();
        if (next !== undefined && !this.broker.link.isStopped) deliver(next);
      });
    };
  }
}

class Servers {
  readonly all: SimulatedServer[] = [];
  constructor(
    readonly world: SimulatedEngine,
    /** That queries run on at most, no two servers in turn have as many; 0: where requests are answered. */
    readonly threads = 0,
  ) {}

  /** Nothing fails any more. */
  isQuiet = false;

  /** What happens to a process happens to its threads. */
  #shareFate({ broker: { link }, threads }: SimulatedServer): void {
    for (const fate of ['stop', 'freeze', 'thaw'] as const) {
      const own = link[fate].bind(link);
      link[fate] = () => {
        own();
        for (const thread of threads) thread.broker.link[fate]();
      };
    }
  }

  #host(server: SimulatedServer, faults: readonly Fault[], clock: { nowMs(): number }): Partial<EngineOptions> {
    if (this.threads === 0) return {};
    return {
      openHost: ({ local, transactionalIdPrefix }) =>
        new QueryThreads({
          functions,
          local,
          transactionalIdPrefix,
          threads: 1 + (this.all.indexOf(server) % this.threads),
          onLog: () => undefined,
          onQueryState: () => undefined,
          openThread: (prefix) => {
            const thread = new SimulatedThread(this.world, this.isQuiet ? [] : faults, clock, prefix, (gone) =>
              server.threads.delete(gone),
            );
            server.threads.add(thread);
            if (server.broker.link.isStopped) thread.broker.link.stop();
            if (server.isFrozen) thread.broker.link.freeze();
            return thread;
          },
        }),
    };
  }

  /** Opens one, again and again until it is open, as the server process does. */
  start(faults: readonly Fault[] = []): SimulatedServer {
    const { world } = this;
    const broker = world.client(faults);
    const name = `s${this.all.length}`;
    const server: SimulatedServer = {
      broker,
      name,
      engine: undefined,
      isFrozen: false,
      roles: [],
      threads: new Set(),
    };
    this.#shareFate(server);
    this.all.push(server);
    const skewMs = Math.floor((world.random.next() - 0.5) * 2 * SKEW_MAX_MS);
    const clock = { nowMs: () => world.scheduler.nowMs() + skewMs };
    const open = async (): Promise<void> => {
      while (!broker.link.isStopped && server.engine === undefined) {
        server.engine = await world
          .open({
            ...this.#host(server, faults, clock),
            broker,
            clock,
            lease: {
              server: { id: name, url: `http://${name}`, machine: name, pid: 1 },
              isGone: () => false,
              onRole: (leadership) => server.roles.push(leadership),
            },
          })
          .catch(() => undefined);
        await sleep(world.scheduler, 200);
      }
    };
    void open();
    return server;
  }

  get living(): readonly SimulatedServer[] {
    return this.all.filter(({ broker }) => !broker.link.isStopped);
  }
  get leaders(): readonly SimulatedServer[] {
    return this.living.filter(({ engine, isFrozen }) => !isFrozen && engine?.isOwner === true);
  }

  freeze(server: SimulatedServer, ms: number): void {
    server.isFrozen = true;
    server.broker.link.freeze();
    this.world.scheduler.after(ms, () => {
      server.isFrozen = false;
      server.broker.link.thaw();
    });
  }

  /** @returns how long it took, ms */
  async untilLed(limitMs: number, isLed = (): boolean => this.leaders.length === 1): Promise<number> {
    const { scheduler } = this.world;
    const startedMs = scheduler.nowMs();
    while (!isLed() && scheduler.nowMs() - startedMs < limitMs) await sleep(scheduler, 50);
    return scheduler.nowMs() - startedMs;
  }
}

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
const OPERATIONS = ['fetch', 'write', 'openWriter', 'produce', 'commitOffsets', 'endTransaction', 'bounds'] as const;
const KINDS: readonly FaultKind[] = ['requestLost', 'answerLost', 'late', 'slow', 'stopsBefore', 'stopsAfter'];
const faultsOf = (random: SeededRandom): readonly Fault[] =>
  Array.from({ length: 2 }, () => {
    return { kind: random.pick(KINDS), on: random.pick(OPERATIONS), when: { nth: 1 + random.below(25) } };
  });

async function play(world: SimulatedEngine, threads: number) {
  const { random, scheduler, admin, cluster } = world;
  const servers = new Servers(world, threads);
  await world.createTopic('s', PARTITIONS);
  // Hardly anything comes here: its query commits seldom, and learns late that others have.
  await world.createTopic('r', 1);
  const first = servers.start();
  await servers.untilLed(20_000);
  await world.execute(first.engine as Engine, STATEMENTS);
  const size = 2 + random.below(2);
  while (servers.living.length < size) servers.start(faultsOf(random));
  const seen = { claims: 0, frozen: 0, threadsDied: 0 };
  const write = async (): Promise<void> => {
    const value = Buffer.from(JSON.stringify({ V: random.below(100) }));
    const topic = random.next() < 0.1 ? 'r' : 's';
    const record = { topic, key: Buffer.from(random.pick(KEYS)), value, headers: [] };
    await admin.write([{ ...record, timestamp: scheduler.nowMs() }]);
    await sleep(scheduler, random.next() * 800);
  };
  for (let n = 0; n < RECORDS; n++) {
    await write();
    const [leader] = servers.leaders;
    const dice = random.next();
    if (leader !== undefined && dice < 0.02) leader.broker.link.stop();
    else if (leader !== undefined && dice < 0.05) {
      servers.freeze(leader, random.pick([1_000, 4_000, 12_000, 60_000]));
      seen.frozen++;
    } else if (leader?.engine !== undefined && dice < 0.06) {
      void leader.engine.close().then(() => leader.broker.link.stop());
    } else if (dice < 0.07 && threads === 0) await admin.deleteTopics([LEASE_TOPIC]);
    else if (dice < 0.13 && leader !== undefined && leader.threads.size > 0) {
      random.pick([...leader.threads]).die();
      seen.threadsDied++;
    }
    while (servers.living.length < size) servers.start(faultsOf(random));
  }
  // All get their way: whoever stood still goes on, and nothing fails any more.
  servers.isQuiet = true;
  for (const { broker, threads: own } of servers.all) {
    broker.faults.end();
    for (const thread of own) thread.broker.faults.end();
  }
  await sleep(scheduler, 60_000);
  // They lead by turns, and one that did before finds what another has done since.
  for (let n = 0; n < RECORDS; n++) {
    await write();
    const [leader] = servers.leaders;
    if (n % 30 === 15 && leader !== undefined) servers.freeze(leader, 10_000);
  }
  await sleep(scheduler, 180_000);
  const leaders = servers.leaders.length;
  const open = servers.living.filter(({ engine }) => engine !== undefined).length;
  const said = servers.living.map(({ engine }) => engine?.leadership?.leader?.id);
  const left = servers.living.length;
  for (const { broker } of servers.all) broker.link.stop();
  await sleep(scheduler, 60_000);
  return {
    leaders,
    open: [open, left],
    said: new Set(said).size,
    claims: servers.all.flatMap(({ roles }) => roles.filter(({ role }) => role === 'leader')).length,
    filtered: await filtered(world),
    counted: [await counted(world, 's', 'c'), await counted(world, 'r', 'd')],
    fenced: cluster.occurrences.count('writerFenced'),
    frozen: seen.frozen,
    threadsDied: seen.threadsDied,
  };
}

/** What was written, and what should have been. */
async function filtered(world: SimulatedEngine) {
  const shown = ({ partition, key, value }: FetchedRecord): string => `${partition} ${textOf(key)} ${textOf(value)}`;
  const input = await world.read('s');
  const wanted = input.filter(({ value }) => (JSON.parse(textOf(value)) as { V: number }).V >= 50);
  return { written: (await world.read('f')).map(shown), wanted: wanted.map(shown) };
}

/** The last counts and the right ones; `wrong` are those that were told twice or went back. */
async function counted(world: SimulatedEngine, source: string, sink: string) {
  const wanted: Record<string, number> = {};
  for (const { key } of await world.read(source)) wanted[textOf(key)] = (wanted[textOf(key)] ?? 0) + 1;
  const written: Record<string, number> = {};
  const wrong: string[] = [];
  for (const { key, value } of await world.read(sink)) {
    const { N } = JSON.parse(textOf(value)) as { N: number };
    if (N <= (written[textOf(key)] ?? 0)) wrong.push(`${textOf(key)}: ${N} after ${written[textOf(key)]}`);
    written[textOf(key)] = N;
  }
  return { written, wanted, wrong };
}

const simulate = (seed: number, threads = 0) => {
  const world = new SimulatedEngine(seed, (random) => ({ markerMaxMs: random.pick([5, 300]) }));
  return world.scheduler.run(play(world, threads));
};

const SEEDS = Number(process.env['LEASE_SEEDS'] ?? 20);
const FIRST_SEED = Number(process.env['LEASE_SEED'] ?? 1);

describe('several servers of one service id', () => {
  it('write what one would, once, whatever happens to them, and one of them leads in the end', async () => {
    let [claims, fenced, frozen] = [0, 0, 0];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
      const outcome = await simulate(seed);
      const { leaders, open, said } = outcome;
      for (const { written, wanted, wrong } of outcome.counted)
        expect({ seed, wrong, written }).toEqual({ seed, wrong: [], written: wanted });
      const { written, wanted } = outcome.filtered;
      expect({ seed, written }).toEqual({ seed, written: wanted });
      expect({ seed, leaders, said, open: open[0] }).toEqual({ seed, leaders: 1, said: 1, open: open[1] });
      claims += outcome.claims;
      fenced += outcome.fenced;
      frozen += outcome.frozen;
    }
    if (SEEDS < 20) return;
    expect(claims).toBeGreaterThan(40);
    expect(fenced).toBeGreaterThan(20);
    expect(frozen).toBeGreaterThan(20);
  }, 600_000);
});

describe('several servers whose queries run on threads', () => {
  it('write what one would, once, whatever happens to them and to each of their threads', async () => {
    let [fenced, died] = [0, 0];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS / 2; seed++) {
      const outcome = await simulate(seed, 3);
      for (const { written, wanted, wrong } of outcome.counted)
        expect({ seed, wrong, written }).toEqual({ seed, wrong: [], written: wanted });
      const { written, wanted } = outcome.filtered;
      expect({ seed, written: [...written].sort() }).toEqual({ seed, written: [...wanted].sort() });
      fenced += outcome.fenced;
      died += outcome.threadsDied;
    }
    if (SEEDS < 20) return;
    expect(fenced).toBeGreaterThan(10);
    expect(died).toBeGreaterThan(10);
  }, 600_000);
});

describe('a service id with several servers', () => {
  /** Runs the work beside servers that nothing happens to but what it does to them. */
  const onServers = <T>(count: number, work: (servers: Servers, world: SimulatedEngine) => Promise<T>): Promise<T> => {
    const world = new SimulatedEngine(7);
    const all = async (): Promise<T> => {
      await world.createTopic('s', 1);
      await world.createTopic('r', 1);
      const servers = new Servers(world);
      servers.start();
      await servers.untilLed(20_000);
      await world.execute(servers.all[0]?.engine as Engine, STATEMENTS);
      while (servers.all.length < count) servers.start();
      await sleep(world.scheduler, 10_000);
      return work(servers, world);
    };
    return world.scheduler.run(all());
  };
  const engineOf = (servers: Servers, at: number): Engine => servers.all[at]?.engine as Engine;
  const refusal = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'done',
      ({ errorCode, message }: Error & { errorCode?: number }) => ({ errorCode, message }),
    );

  it('is taken over within five seconds of a kill, and at once where its owner says that it goes', async () => {
    const { killed, stopped } = await onServers(3, async (servers) => {
      servers.all[0]?.broker.link.stop();
      const killedMs = await servers.untilLed(20_000);
      const [leader] = servers.leaders;
      void leader?.engine?.close();
      const stoppedMs = await servers.untilLed(20_000, () => servers.leaders.some((other) => other !== leader));
      return { killed: killedMs, stopped: stoppedMs };
    });
    expect(killed).toBeGreaterThan(1_500);
    expect(killed).toBeLessThan(5_000);
    expect(stopped).toBeLessThan(1_000);
  });

  it('has a standby that knows what its leader does, and says who that is', async () => {
    const outcome = await onServers(2, async (servers, world) => {
      const [leader, standby] = [engineOf(servers, 0), engineOf(servers, 1)];
      await world.execute(leader, 'CREATE TYPE T AS INT;');
      await sleep(world.scheduler, 3_000);
      const names = [...standby.catalog.sources.keys()].sort();
      const { role, leader: led } = standby.leadership ?? {};
      return {
        names,
        type: standby.catalog.types.has('T'),
        queries: [...standby.queries.values()].map(({ task }) => task),
        standbys: leader.leadership?.standbys.map(({ url }) => url),
        said: [role, led?.url],
        refused: await refusal(world.execute(standby, 'CREATE TYPE U AS INT;')),
        ended: await refusal(world.execute(standby, 'TERMINATE ALL;')),
        listed: await refusal(world.execute(standby, 'SHOW QUERIES;')),
      };
    });
    const refused = {
      errorCode: 50304,
      message: 'This server is a standby of its service id. Nothing can be changed here. Ask http://s0, which leads.',
    };
    expect(outcome).toEqual({
      names: ['C', 'D', 'F', 'R', 'S'],
      type: true,
      queries: [undefined, undefined, undefined],
      standbys: ['http://s1'],
      said: ['standby', 'http://s0'],
      refused,
      ended: refused,
      listed: 'done',
    });
  });

  it('has one owner when all its servers start at the same time', async () => {
    const outcome = await onServers(1, async (servers, world) => {
      const [first] = servers.all;
      await first?.engine?.close();
      first?.broker.link.stop();
      for (let n = 0; n < 3; n++) servers.start();
      await sleep(world.scheduler, 15_000);
      return servers.living.map(({ engine }) => [engine?.isOwner, engine?.leadership?.leader?.id]);
    });
    expect(outcome.filter(([isOwner]) => isOwner)).toHaveLength(1);
    expect(new Set(outcome.map(([, leader]) => leader)).size).toBe(1);
  });

  it('keeps its owner when the topic of the lease is lost, for those too who come then', async () => {
    const outcome = await onServers(2, async (servers, world) => {
      await world.admin.deleteTopics([LEASE_TOPIC]);
      await sleep(world.scheduler, 60_000);
      servers.start();
      await sleep(world.scheduler, 10_000);
      return servers.all.map(({ engine, roles }) => [
        engine?.isOwner,
        roles.filter(({ role }) => role === 'leader').length,
      ]);
    });
    expect(outcome).toEqual([
      [true, 1],
      [false, 0],
      [false, 0],
    ]);
  });

  it('has an owner that stood still for a minute as its standby', async () => {
    const outcome = await onServers(2, async (servers, world) => {
      servers.freeze(servers.all[0] as SimulatedServer, 60_000);
      await sleep(world.scheduler, 70_000);
      await world.execute(engineOf(servers, 1), 'CREATE TYPE T AS INT;');
      await sleep(world.scheduler, 3_000);
      const first = engineOf(servers, 0);
      return [first.isOwner, first.leadership?.leader?.id, first.catalog.types.has('T'), servers.all[0]?.roles.length];
    });
    // It led, led no more, and stands by.
    expect(outcome).toEqual([false, 's1', true, 3]);
  });

  it('takes the first statement that its owner gets after it has lost and regained it', async () => {
    const outcome = await onServers(1, async (servers, world) => {
      await world.admin.openWriter('_confluent-ksql-sim-commits');
      const value = Buffer.from('{"V": 60}');
      const record = { topic: 's', key: Buffer.from('a'), value, timestamp: world.scheduler.nowMs(), headers: [] };
      await world.admin.write([record]);
      await sleep(world.scheduler, 20_000);
      const { isOwner } = engineOf(servers, 0);
      const tenures = servers.all[0]?.roles.filter(({ role }) => role === 'leader').length;
      return { isOwner, tenures, said: await refusal(world.execute(engineOf(servers, 0), 'CREATE TYPE T AS INT;')) };
    });
    expect(outcome).toEqual({ isOwner: true, tenures: 2, said: 'done' });
  });

  it('is ended, and its server closes, when another server takes it over meanwhile', async () => {
    const found = new Set<string>();
    for (let delayMs = 0; delayMs < 60; delayMs += 2)
      await onServers(1, async (servers, world) => {
        const engine = engineOf(servers, 0);
        const { ended } = await engine.terminateCluster([]);
        const within = (work: Promise<unknown>): Promise<string> =>
          Promise.race([
            work.then(
              () => 'ends',
              () => 'ends',
            ),
            sleep(world.scheduler, 120_000).then(() => 'hangs'),
          ]);
        const ending = within(ended);
        await sleep(world.scheduler, delayMs);
        const server = { id: 'x', url: 'http://x', machine: 'x', pid: 1 };
        const value = Buffer.from(JSON.stringify({ version: 1, kind: 'claim', server, term: 1 }));
        const record = { topic: LEASE_TOPIC, key: Buffer.from('claim'), value, timestamp: world.scheduler.nowMs() };
        await world.admin.write([{ ...record, headers: [] }]).catch(() => undefined);
        found.add(await ending).add(await within(engine.close()));
      });
    expect([...found]).toEqual(['ends']);
  });

  it('goes on when the brokers were silent during a statement', async () => {
    const outcome = await onServers(1, async (servers, world) => {
      const server = servers.start([{ kind: 'requestLost', on: 'produce', when: { nth: 2 } }]);
      await sleep(world.scheduler, 5_000);
      await engineOf(servers, 0).close();
      await sleep(world.scheduler, 5_000);
      const engine = server.engine as Engine;
      const [first, second] = [
        await refusal(world.execute(engine, 'CREATE TYPE T AS INT;')),
        await refusal(world.execute(engine, 'CREATE TYPE U AS INT;')),
      ];
      return { first, second, isOwner: engine.isOwner };
    });
    expect(outcome).toMatchObject({
      first: { message: expect.stringContaining('does not answer') },
      second: 'done',
      isOwner: true,
    });
  });
});
