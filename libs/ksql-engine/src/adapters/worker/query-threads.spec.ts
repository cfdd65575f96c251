import { afterEach, describe, expect, it } from '@jest/globals';
import { MessageChannel } from 'node:worker_threads';
import type { LoggedQuery } from '../../command/fold.js';
import { KsqlEngine } from '../../engine/ksql-engine.js';
import { openPull } from '../../engine/open-pull.js';
import { openPush } from '../../engine/open-push.js';
import type { Owner } from '../../engine/query-host.js';
import type { RequestSession } from '../../engine/session.js';
import { createFunctionRegistry } from '../../functions/registry.js';
import { timers } from '../../ports/scheduler.js';
import { RegistryUnreachableError } from '../../ports/schema-registry.js';
import { Checkpoints } from '../../runtime/checkpoints.js';
import { KnownSchemas } from '../../runtime/schema-admission.js';
import { parseStatements } from '../../syntax/parse.js';
import { MemorySchemaRegistry } from '../../testing/schema-registry/memory-schema-registry.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { MemoryBroker } from '../memory/memory-broker.js';
import { MemoryCluster } from '../memory/memory-cluster.js';
import type { FromThread, ToThread } from './query-messages.js';
import { QueryThread } from './query-thread.js';
import { QueryThreads } from './query-threads.js';
import { ThreadHandle, type OpenedThread } from './thread-handle.js';

/*
 * The hosts of queries with all that crosses between threads, cloned and handed over as there, on one thread: each has its own client of a
 * cluster in memory. One that is killed says nothing more, and its client neither.
 */

const clock = { nowMs: () => Date.now() };
const random = new SeededRandom(7);
const functions = createFunctionRegistry();
const SESSION: RequestSession = { properties: new Map(), variables: new Map() };
const PREFIX = '_confluent-ksql-spec';

class FakeThread implements OpenedThread {
  readonly broker: MemoryBroker;
  readonly #thread: QueryThread;
  readonly #channel = new MessageChannel();
  #gone: ((reason: string) => void) | undefined;
  isHung = false;
  readonly heard: ToThread[] = [];

  constructor(
    cluster: MemoryCluster,
    readonly transactionalIdPrefix: string,
  ) {
    this.broker = new MemoryBroker(cluster);
    const { port2 } = this.#channel;
    this.#thread = new QueryThread(
      { postMessage: (message: FromThread, transfer) => port2.postMessage(message, [...(transfer ?? [])]) },
      {
        broker: this.broker,
        clock,
        random,
        functions,
        config: { 'auto.offset.reset': 'earliest' },
        commitIntervalMs: 20,
        checkpoints: new Checkpoints(this.broker, 'spec', 1),
        internalTopicReplicas: 1,
        transactionalIdPrefix,
        schemas: new KnownSchemas(registry, clock),
        deadLetter: () => undefined,
      },
    );
    port2.on('message', (message: ToThread) => {
      this.heard.push(message);
      if (!this.isHung) this.#thread.take(message);
    });
  }

  postMessage(message: ToThread): void {
    this.#channel.port1.postMessage(message);
  }
  onMessage(take: (message: FromThread) => void): void {
    this.#channel.port1.on('message', take);
  }
  onGone(gone: (reason: string) => void): void {
    this.#gone = gone;
  }
  terminate(): Promise<void> {
    this.die('it was ended');
    return Promise.resolve();
  }
  die(reason: string): void {
    this.broker.link.stop();
    this.#thread.close();
    this.#channel.port1.close();
    this.#gone?.(reason);
    this.#gone = undefined;
  }
}

let engine: KsqlEngine;
let threads: QueryThreads;
let opened: FakeThread[] = [];
let states: string[] = [];
let cluster: MemoryCluster;
let admin: MemoryBroker;
let registry: MemorySchemaRegistry;

async function open(count: number): Promise<void> {
  cluster = new MemoryCluster({ clock, scheduler: timers, random });
  registry = new MemorySchemaRegistry();
  admin = new MemoryBroker(cluster);
  await admin.createTopics([{ topic: 's', partitions: 2, replicas: 1, config: {} }]);
  await openEngine(count);
}

async function openEngine(count: number): Promise<void> {
  opened = [];
  states = [];
  const told = {
    onLog: () => undefined,
    onQueryState: (queryId: string, state: string) => void states.push(`${queryId} ${state}`),
  };
  engine = await KsqlEngine.open({
    ...told,
    broker: admin,
    registry,
    clock,
    random,
    functions,
    serviceId: 'spec',
    config: { 'auto.offset.reset': 'earliest' },
    commitIntervalMs: 20,
    openHost: ({ local, transactionalIdPrefix }) => {
      threads = new QueryThreads({
        ...told,
        functions,
        local,
        transactionalIdPrefix,
        threads: count,
        openThread: (prefix) => {
          const thread = new FakeThread(cluster, prefix);
          opened.push(thread);
          return thread;
        },
      });
      return threads;
    },
    lease: {
      server: { id: `server-${random.next()}`, url: 'http://spec', machine: 'spec', pid: 1 },
      isGone: () => true,
      onRole: () => undefined,
    },
    deadLetter: () => undefined,
    isTransient: () => false,
    onCommandReplayed: () => undefined,
    onCommandFailure: () => undefined,
  });
}

afterEach(async () => {
  await engine.close();
  await threads.close();
});

const STREAM = `CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');`;
const COUNT = `CREATE TABLE C WITH (KAFKA_TOPIC='c') AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`;
const FILTER = `CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT * FROM S WHERE V > 0;`;

const execute = (sql: string, properties: Record<string, string> = {}): Promise<void> =>
  engine.execute(
    parseStatements(sql),
    { properties: new Map(Object.entries(properties)), variables: new Map() },
    () => undefined,
  );
async function write(key: string, value = 1): Promise<void> {
  const record = { topic: 's', key: Buffer.from(key), value: Buffer.from(JSON.stringify({ V: value })), headers: [] };
  await admin.write([{ ...record, timestamp: Date.now() }]);
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it did not come: ${states.join(', ')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const query = (id: string) => [...engine.queries.values()].find(({ queryId }) => queryId.includes(id));
async function rowsOf(sql: string): Promise<readonly (readonly unknown[])[]> {
  const planned = await engine.plan(parseStatements(sql)[0] as never, SESSION);
  if (planned.kind !== 'pullQuery') throw new Error(planned.kind);
  const found: (readonly unknown[])[] = [];
  for await (const batch of (await openPull(engine, planned.pull, SESSION)).batches())
    found.push(...batch.map(({ values }) => values));
  return found;
}
const count = async (key: string): Promise<unknown> =>
  (await rowsOf(`SELECT N FROM C WHERE K = '${key}';`).catch(() => []))[0]?.[0];
/** Follows the results of C: what has come, and what ended it. */
async function follow(): Promise<{ readonly found: unknown[]; readonly reading: Promise<unknown> }> {
  const planned = await engine.plan(parseStatements('SELECT K, N FROM C EMIT CHANGES;')[0] as never, {
    properties: new Map([['ksql.query.push.v2.enabled', 'true']]),
    variables: new Map(),
  });
  if (planned.kind !== 'pushQuery') throw new Error(planned.kind);
  const tapped = { ...planned, tappedQueryId: query('CTAS_C')?.queryId };
  const push = await openPush(engine, tapped, SESSION, 'C');
  const found: unknown[] = [];
  const reading = (async () => {
    for await (const batch of push.batches()) found.push(...batch.map(({ values }) => values));
  })().catch((error: unknown) => String(error));
  return { found, reading };
}
const countOf = (topic: string) =>
  admin.bounds(topic).then((bounds) => bounds.reduce((sum, { start, end }) => sum + end - start, 0));

describe('a query on a thread', () => {
  it('answers what is asked of it as one beside the requests does: state, rows, what it commits from now on, pauses', async () => {
    await open(1);
    await execute(STREAM + COUNT);
    await write('a');
    await write('a');
    await write('b');
    await until(async () => (await count('a')) === 2 && (await count('b')) === 1);
    expect((await rowsOf('SELECT * FROM C;')).length).toBe(2);
    const task = query('CTAS_C')?.task;
    await until(() => task?.metrics.recordsIn === 3);
    expect(task?.state).toBe('RUNNING');
    expect(task?.tasks.map(({ taskId, stateRows }) => [taskId, stateRows])).toEqual([
      ['0_0', expect.any(Number)],
      ['0_1', expect.any(Number)],
    ]);
    expect(task?.tasks.reduce((sum, { stateRows }) => sum + stateRows, 0)).toBe(2);
    expect(task?.positions.length).toBe(2);
    query('CTAS_C')?.pause();
    await write('a');
    await until(() => task?.state === 'PAUSED');
    expect(await count('a')).toBe(2);
    query('CTAS_C')?.resume();
    await until(async () => (await count('a')) === 3);
    expect(opened.map(({ transactionalIdPrefix }) => transactionalIdPrefix)).toEqual([`${PREFIX}-thread-1`]);
    await execute('DROP TABLE C;');
    expect(states.at(-1)).toMatch(/STOPPED$/);
  });

  it('hears of one who looks at the first of its rows only', async () => {
    await open(1);
    await execute(STREAM + COUNT);
    await write('a');
    await until(async () => (await count('a')) === 1);
    const rows = query('CTAS_C')?.rows(undefined);
    expect((await rows?.next())?.value).toHaveLength(1);
    await rows?.return(undefined);
    await until(() => opened[0]?.heard.at(-1)?.kind === 'leave');
  });

  it('tells those who follow its results of all that it commits, and of its end', async () => {
    await open(1);
    await execute(STREAM + COUNT);
    const { found, reading } = await follow();
    await until(() => query('CTAS_C')?.task?.state === 'RUNNING');
    await write('x');
    await until(() => found.length === 1);
    expect(found).toEqual([['x', 1]]);
    await execute('DROP TABLE C;');
    expect(await reading).toMatch(/has ended/);
  });
});

describe('what a query on a thread waits for', () => {
  it('is told, although nothing is taken meanwhile that would count; one whose thread died waits for nothing', async () => {
    await open(1);
    await execute(
      `CREATE STREAM A (K STRING KEY, V INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='AVRO', PARTITIONS=1);
       CREATE STREAM B WITH (KAFKA_TOPIC='b') AS SELECT * FROM A;`,
    );
    const task = query('CSAS_B')?.task;
    await until(() => task?.state === 'RUNNING' && task.metrics.commits > 0);
    registry.trouble = new RegistryUnreachableError('the registry is away');
    const value = Buffer.from([0, 0, 0, 0, 99, 2, 2]);
    await admin.write([{ topic: 'a', key: Buffer.from('k'), value, headers: [], timestamp: Date.now() }]);
    await until(() => task?.schemaWait !== undefined);
    expect(task?.schemaWait).toMatchObject({ schemaId: 99, reason: 'the registry is away' });
    opened[0]?.die('of something');
    expect(task?.schemaWait).toBeUndefined();
  });
});

const OWNER: Owner = {
  openWriter: (id) => admin.openWriter(id),
  delegate: () => undefined,
  confirm: () => Promise.resolve(),
  end: () => undefined,
  over: new Promise(() => undefined),
};

describe('a thread that cannot be made', () => {
  it('is one that dies: its query says so, and it is tried again', async () => {
    await open(0);
    await execute(STREAM + FILTER);
    const told: string[] = [];
    let tries = 0;
    const handle = new ThreadHandle({
      name: 'query thread 1',
      transactionalIds: [],
      functions,
      onLog: () => undefined,
      onQueryState: (_, state, error) => void told.push(`${state} ${error?.message ?? ''}`),
      open: () => {
        if (++tries === 1) throw new Error('EAGAIN');
        return {
          postMessage: () => undefined,
          onMessage: () => undefined,
          onGone: () => undefined,
          terminate: () => Promise.resolve(),
        };
      },
    });
    handle.begin(OWNER);
    handle.run({ queryId: 'Q', plan: query('CSAS_F')?.plan } as LoggedQuery, false);
    expect(told).toEqual(['ERROR query thread 1 ended: it cannot be made: EAGAIN']);
    await until(() => tries === 2);
    expect(told.at(-1)).toBe('RESTORING ');
    await handle.close();
  });
});

describe('a thread that dies', () => {
  it('does not hear the answers after it; nor does the one that takes its place and numbers its questions alike', async () => {
    await open(0);
    await execute(STREAM + FILTER);
    const made: { readonly heard: ToThread[]; say(message: FromThread): void; die(reason: string): void }[] = [];
    const confirmations: PromiseWithResolvers<undefined>[] = [];
    const owner: Owner = {
      ...OWNER,
      confirm: () => {
        const confirmation = Promise.withResolvers<undefined>();
        confirmations.push(confirmation);
        return confirmation.promise;
      },
    };
    const handle = new ThreadHandle({
      name: 'query thread 1',
      transactionalIds: [],
      functions,
      onLog: () => undefined,
      onQueryState: () => undefined,
      open: () => {
        const thread = { heard: [] as ToThread[], say: (_: FromThread) => undefined, die: (_: string) => undefined };
        made.push(thread);
        return {
          postMessage: (message) => void thread.heard.push(message),
          onMessage: (take) => void Object.assign(thread, { say: take }),
          onGone: (gone) => void Object.assign(thread, { die: gone }),
          terminate: () => Promise.resolve(),
        };
      },
    });
    handle.begin(owner);
    handle.run({ queryId: 'Q', plan: query('CSAS_F')?.plan } as LoggedQuery, false);
    made[0]?.say({ kind: 'confirm', call: 1, term: 1 });
    made[0]?.die('of something');
    await until(() => made.length === 2);
    made[1]?.say({ kind: 'confirm', call: 1, term: 1 });
    const answers = () => made.map(({ heard }) => heard.filter(({ kind }) => kind === 'answer').length);
    confirmations[0]?.resolve(undefined);
    await new Promise(setImmediate);
    expect(answers()).toEqual([0, 0]);
    confirmations[1]?.resolve(undefined);
    await until(() => answers()[1] === 1);
    await handle.close();
  });

  it('leaves its queries in ERROR with the reason, and those of other threads as they were; they go on and lose and double nothing', async () => {
    await open(2);
    await execute(STREAM + COUNT + FILTER);
    // Both read one topic; a query of its own thread asks for it.
    await execute(`CREATE STREAM G WITH (KAFKA_TOPIC='g') AS SELECT * FROM S WHERE V > 0;`, {
      'ksql.streams.num.stream.threads': '3',
    });
    for (let i = 0; i < 20; i++) await write('a');
    await until(async () => (await countOf('f')) >= 20 && (await count('a')) === 20);
    const mine = query('CTAS_C');
    const victim = opened[0] as FakeThread;
    victim.die('its queries needed more than 64 MiB of memory');
    expect(mine?.task?.state).toBe('ERROR');
    expect(mine?.errors.at(-1)?.message).toBe('query thread 1 ended: its queries needed more than 64 MiB of memory');
    await expect(rowsOf('SELECT * FROM C;')).rejects.toThrow(/is starting or has failed/);
    for (let i = 0; i < 20; i++) await write('a');
    await until(async () => mine?.task?.state === 'RUNNING' && (await count('a')) === 40);
    expect(mine?.task?.metrics.restarts).toBe(1);
    expect(opened.length).toBeGreaterThan(1);
    expect(opened.at(-1)?.transactionalIdPrefix).toBe(`${PREFIX}-thread-1`);
  });

  it('ends what followed a query of it, as that may have missed results; who asks meanwhile hears of all that come', async () => {
    await open(1);
    await execute(STREAM + COUNT);
    const task = query('CTAS_C')?.task;
    const before = await follow();
    await until(() => task?.state === 'RUNNING');
    await write('x');
    await until(() => before.found.length === 1);
    opened[0]?.die('of something');
    expect(await before.reading).toMatch(
      /query thread 1 ended: of something: results .* may be missing here. Ask again./,
    );
    const after = await follow();
    await until(() => task?.state === 'RUNNING');
    await write('x');
    await until(() => after.found.length === 1);
    expect([before.found, after.found]).toEqual([[['x', 1]], [['x', 2]]]);
  });

  it('is ended when it does not stop in time, and its query stops', async () => {
    await open(1);
    await execute(STREAM + FILTER);
    await until(() => query('CSAS_F')?.task?.state === 'RUNNING');
    const thread = opened[0] as FakeThread;
    thread.isHung = true;
    setTimeout(() => thread.die('it hung'), 50);
    await execute('DROP STREAM F;');
    expect(engine.queries.size).toBe(0);
    expect(opened).toHaveLength(1);
  });
});

describe('how many threads there are', () => {
  it('is as many as a query asks for, of which it has one; others run where requests are answered', async () => {
    await open(0);
    await execute(STREAM + COUNT);
    await until(() => query('CTAS_C')?.task?.state === 'RUNNING');
    expect(opened).toHaveLength(0);
    const asks = { 'ksql.streams.num.stream.threads': '2' };
    await admin.createTopics([{ topic: 't', partitions: 1, replicas: 1, config: {} }]);
    await execute(FILTER, asks);
    await execute(
      `CREATE STREAM T (K STRING KEY, V INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
       CREATE STREAM H WITH (KAFKA_TOPIC='h') AS SELECT * FROM T;`,
      asks,
    );
    expect(opened.map(({ transactionalIdPrefix }) => transactionalIdPrefix).sort()).toEqual([
      `${PREFIX}-thread-1`,
      `${PREFIX}-thread-2`,
    ]);
    await write('a');
    await until(async () => (await countOf('f')) >= 1 && (await count('a')) === 1);
  });
});

describe('the end of an ownership', () => {
  it('ends all threads before this server commits in another one; what was committed meanwhile is not lost or doubled', async () => {
    await open(2);
    await execute(STREAM + COUNT);
    for (let i = 0; i < 10; i++) await write('a');
    await until(async () => (await count('a')) === 10);
    // A later owner: it opens the writer of the lease, then that of the thread.
    const rival = new MemoryBroker(cluster);
    await (await rival.openWriter(`${PREFIX}_lease-writer`)).close();
    await (await rival.openWriter(`${PREFIX}-thread-1-commits`)).close();
    for (let i = 0; i < 10; i++) await write('a');
    await until(async () => (await count('a')) === 20);
    // Its query was stopped everywhere before it began anew.
    expect(states).toContain('CTAS_C_1 STOPPED');
  });
});
