import { setTimeout as delay } from 'node:timers/promises';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { createKafka, silentLog } from '@isobar/kafka';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import {
  CLOSING_KEY,
  JOIN_GRACE_MS,
  QUERIES,
  SOURCES,
  type Evidence,
  type Input,
  type QueryName,
  type Topic,
} from '../../../libs/ksql-engine/simulation/runtime/queries.js';
import type { FetchedRecord } from '../../../libs/ksql-engine/src/ports/record-columns.js';
import { SeededRandom } from '../../../libs/ksql-engine/src/testing/seeded-random.js';
import { partitionOf } from '../../../libs/ksql-engine/src/testing/windows-by-definition.js';
import { ServerProcess } from '../src/testing/server-process.js';

/*
 * Two server processes of one service id on a real broker: killed, stopped beyond the lease and continued, their broker killed under them, a
 * topic cut behind them, records stamped years ahead. What readers of committed records see is judged query by query as in the simulation.
 */

export interface KillLoopOptions {
  readonly seed: number;
  /** How often the server that leads is killed (SIGKILL). */
  readonly kills: number;
  /** How often it stands still beyond the lease, and goes on. */
  readonly freezes: number;
  /** How often the broker is killed while records flow. */
  readonly brokerKills: number;
  say(line: string): void;
}

export interface KillLoopOutcome {
  /** What is wrong; none when nothing was lost or doubled. */
  readonly problems: readonly string[];
  readonly written: number;
  /** Records in the logs of the results that no reader of committed records sees. */
  readonly abortedRecords: number;
  /** Claims of the service id in the log of the lease: each fences the owner before it. */
  readonly claims: number;
  /** Servers that said that they were fenced. */
  readonly fencedSaid: number;
}

const NAMES: readonly QueryName[] = [
  'filter',
  'countOfFiltered',
  'count',
  'windows',
  'finalWindows',
  'streamTable',
  'streamStream',
  'outerStreams',
  'tableTable',
  'grown',
];
const PARTITIONS = 4;
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const TOPICS: readonly Topic[] = ['s', 'r', 't', 'u', 'e'];
const DISORDER_MS = 3_000;
const WRITE_PAUSE_MS = 15;
/** An owner that is silent for so long is replaced. */
const BEYOND_LEASE_MS = 4_500;
const FAR_AHEAD_MS = 3 * 365 * 86_400_000;
const REST_MAX_MS = 90_000;
const CLOSING_AHEAD_MS = 2 * JOIN_GRACE_MS;
const SERVICE = 'default_';

export async function killLoop(options: KillLoopOptions): Promise<KillLoopOutcome> {
  const stack = await startTestStack({ parts: ['kafka'] });
  const loop = new KillLoop(stack, options);
  try {
    return await loop.run();
  } finally {
    await loop.stop();
  }
}

class KillLoop implements Evidence {
  readonly partitions = PARTITIONS;
  readonly #broker: KafkaBroker;
  readonly #servers: ServerProcess[] = [];
  readonly #inputs: Input[] = [];
  readonly #random: SeededRandom;
  readonly #cutBefore = new Map<number, number>();
  readonly #farAhead = new Set<number>();
  #committed: ReadonlyMap<string, readonly FetchedRecord[]> = new Map();
  #ids = 0;
  #isWriting = false;
  #areLastLooks = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly stack: TestStack,
    private readonly options: KillLoopOptions,
  ) {
    this.#random = new SeededRandom(options.seed);
    this.#broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers], clientId: 'kill-loop' });
  }

  async run(): Promise<KillLoopOutcome> {
    const config = { 'message.timestamp.after.max.ms': String(2 * FAR_AHEAD_MS) };
    await this.#broker.createTopics(TOPICS.map((topic) => ({ topic, partitions: PARTITIONS, replicas: 1, config })));
    for (let n = 0; n < 2; n++) this.#servers.push(await this.#start());
    const sql = [...TOPICS.map((topic) => SOURCES[topic]), ...NAMES.map((name) => QUERIES[name].sql)].join('\n');
    await (this.#servers[0] as ServerProcess).ksql(sql, { 'auto.offset.reset': 'earliest' });
    await this.#until('the queries have begun', async () => (await this.#positionsOf(NAMES.length)) !== undefined);
    this.#writing = this.#write();
    await this.#disturb();
    this.#isWriting = false;
    await this.#writing;
    await this.#untilRead('after the last disturbance');
    this.#areLastLooks = true;
    for (const key of KEYS) for (const topic of ['s', 'r', 'e'] as const) await this.#put(topic, key);
    await this.#untilRead('after the last looks');
    for (const topic of ['s', 'r'] as const)
      for (let partition = 0; partition < PARTITIONS; partition++)
        await this.#put(topic, closingKey(partition), { aheadMs: CLOSING_AHEAD_MS });
    await this.#untilRead('at the end');
    const problems = await this.#settledProblems();
    return {
      problems,
      written: this.#inputs.length,
      abortedRecords: await this.#abortedRecords(),
      claims: await this.#claims(),
      fencedSaid: this.#servers.reduce((sum, { output }) => sum + output.split('does not lead any more').length - 1, 0),
    };
  }

  async stop(): Promise<void> {
    this.#isWriting = false;
    await this.#writing.catch(() => undefined);
    for (const server of this.#servers) {
      server.signal('SIGCONT');
      await server.end('SIGKILL');
    }
    await this.#broker.close().catch(() => undefined);
    await this.stack.stop();
  }

  // What was promised

  input(topic: Topic): readonly Input[] {
    return this.#inputs
      .filter((input) => input.topic === topic && !this.#farAhead.has(input.id))
      .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }
  output(topic: string) {
    return this.records(topic).map(({ key, partition, value }) => {
      const row = value === null ? null : (JSON.parse(Buffer.from(value).toString()) as Record<string, number | null>);
      return { key: Buffer.from(key ?? []).toString(), partition, value: row };
    });
  }
  records(topic: string): readonly FetchedRecord[] {
    return this.#committed.get(topic) ?? [];
  }
  isDeleted({ partition, offset }: Input): boolean {
    return offset < (this.#cutBefore.get(partition) ?? 0);
  }
  get isLossTold(): boolean {
    return this.#servers.some(({ output }) => output.includes('were deleted before they were read'));
  }

  // What is done

  #start(): Promise<ServerProcess> {
    return ServerProcess.start({
      KAFKA_BROKERS: this.stack.kafkaBrokers,
      EVENT_AHEAD_MAX_MS: String(2 * CLOSING_AHEAD_MS),
    });
  }

  async #disturb(): Promise<void> {
    const { kills, freezes, brokerKills, say } = this.options;
    type Disturbance = 'kill' | 'freeze' | 'killBroker' | 'cut';
    const left: Disturbance[] = [
      ...Array<Disturbance>(kills).fill('kill'),
      ...Array<Disturbance>(freezes).fill('freeze'),
      ...Array<Disturbance>(brokerKills).fill('killBroker'),
      'cut',
    ];
    while (left.length > 0) {
      const [next] = left.splice(this.#random.below(left.length), 1);
      await delay(this.#random.below(1_500));
      say(`${left.length} left: ${next}, ${this.#inputs.length} records`);
      if (next === 'kill') await this.#kill();
      else if (next === 'freeze') await this.#freeze();
      else if (next === 'cut') await this.#cut();
      else await this.#killBroker();
    }
    await this.#until('a server leads', async () => (await this.#leader()) !== undefined);
  }

  async #leader(): Promise<ServerProcess | undefined> {
    for (const server of this.#servers) {
      const health = await fetch(`${server.url}/readyz`, { signal: AbortSignal.timeout(1_000) })
        .then(async (response) => JSON.stringify(await response.json()))
        .catch(() => '');
      if (health !== '' && !health.includes('this server stands by') && !health.includes('nobody leads')) return server;
    }
    return undefined;
  }

  async #kill(): Promise<void> {
    const server = (await this.#leader()) ?? this.#random.pick(this.#servers);
    await server.end('SIGKILL');
    await server.start();
  }

  async #freeze(): Promise<void> {
    const server = (await this.#leader()) ?? this.#random.pick(this.#servers);
    server.signal('SIGSTOP');
    await delay(BEYOND_LEASE_MS);
    server.signal('SIGCONT');
  }

  async #killBroker(): Promise<void> {
    await this.stack.kill('kafka');
    await this.stack.restart('kafka');
  }

  /** Stops all, so that nothing reads, and cuts `e` behind what was committed; and stamps one record years ahead. */
  async #cut(): Promise<void> {
    for (const server of this.#servers) await server.end('SIGKILL');
    for (const key of KEYS) await this.#put('e', key);
    const id = this.#ids;
    await this.#put('e', 'a', { aheadMs: FAR_AHEAD_MS });
    this.#farAhead.add(id);
    const admin = createKafka({ brokers: [this.stack.kafkaBrokers], clientId: 'kill-loop', log: silentLog }).admin();
    await admin.connect();
    // It knows no leaders before it has asked for offsets.
    await admin.fetchTopicOffsets('e');
    const bounds = await this.#broker.bounds('e');
    for (const { partition, start, end } of bounds) {
      const offset = Math.floor((start + end) / 2) + 1;
      if (offset > end) continue;
      await admin.deleteTopicRecords({ topic: 'e', partitions: [{ partition, offset: String(offset) }] });
      this.#cutBefore.set(partition, offset);
    }
    await admin.disconnect();
    await Promise.all(this.#servers.map((server) => server.start()));
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#isWriting) {
      const topic = this.#random.pick(TOPICS);
      const isGone = (topic === 't' || topic === 'u') && this.#random.next() < 0.1;
      await this.#put(topic, this.#random.pick(KEYS), { backMs: this.#random.below(DISORDER_MS), isGone });
      await delay(WRITE_PAUSE_MS);
    }
  }

  /** Outside transactions: one whose answer was lost may be there, and is looked for before it is written again. */
  async #put(topic: Topic, key: string, { backMs = 0, aheadMs = 0, isGone = false } = {}): Promise<void> {
    const id = this.#ids++;
    const partition = partitionOf(key, PARTITIONS);
    const [v, g] = [(id * 37) % 100, KEYS[(id * 7) % KEYS.length] as string];
    const timestamp = Date.now() - backMs + aheadMs;
    const value = isGone ? null : Buffer.from(JSON.stringify({ ID: id, V: v, G: g }));
    const record = {
      topic,
      partition,
      key: Buffer.from(key),
      value,
      timestamp,
      headers: [{ key: 'id', value: Buffer.from(String(id)) }],
    };
    const note = (offset: number): void => {
      this.#inputs.push({ id, topic, key, partition, offset, timestamp, isGone, v, g, isLastLook: this.#areLastLooks });
    };
    for (;;) {
      try {
        const [offset = 0] = await this.#broker.write([record]);
        return note(offset);
      } catch {
        const there = await this.#find(topic, id).catch(() => undefined);
        if (there === undefined) await delay(200);
        else if (there >= 0) return note(there);
      }
    }
  }

  /** @returns -1 where it is not */
  async #find(topic: Topic, id: number): Promise<number> {
    const records = await this.#read(topic);
    const found = records.find(({ headers }) => Buffer.from(headers[0]?.value ?? []).toString() === String(id));
    return found?.offset ?? -1;
  }

  async #read(topic: string): Promise<readonly FetchedRecord[]> {
    const bounds = await this.#broker.bounds(topic);
    const reader = await this.#broker.openReader(
      bounds.map(({ partition, start }) => ({ topic, partition, offset: start })),
    );
    const left = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
    const found: FetchedRecord[] = [];
    while (left.size > 0)
      for (const { partition, records, nextOffset } of await reader.poll(500)) {
        found.push(...records);
        if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      }
    await reader.close();
    return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  async #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + REST_MAX_MS;
    while (!(await isSo().catch(() => false))) {
      if (performance.now() > deadline)
        throw new Error(
          `${what}: not within ${REST_MAX_MS} ms\n${this.#servers.map(({ output }) => output.slice(-3_000)).join('\n---\n')}`,
        );
      await delay(100);
    }
  }

  /** The newest offsets of each query, by topic and partition; undefined before so many queries have some. */
  async #positionsOf(queries: number): Promise<readonly Record<string, Record<string, number>>[] | undefined> {
    const newest = new Map<string, Record<string, Record<string, number>>>();
    for (const { key, value } of await this.#read(`_confluent-ksql-${SERVICE}_checkpoints`)) {
      if (value === null) continue;
      const { offsets } = JSON.parse(Buffer.from(value).toString()) as {
        offsets: Record<string, Record<string, number>>;
      };
      newest.set(Buffer.from(key ?? []).toString(), offsets);
    }
    return newest.size < queries ? undefined : [...newest.values()];
  }

  /** All queries have committed that they have read all that there is. */
  #untilRead(when: string): Promise<void> {
    const isRead = async (): Promise<boolean> => {
      const ends = new Map<string, number>();
      for (const topic of [...TOPICS, 'f'])
        for (const { partition, offset } of await this.#read(topic)) ends.set(`${topic}/${partition}`, offset);
      const all = await this.#positionsOf(NAMES.length);
      return (
        all?.every((topics) =>
          Object.entries(topics).every(([topic, offsets]) =>
            Object.entries(offsets).every(([partition, offset]) => offset > (ends.get(`${topic}/${partition}`) ?? -1)),
          ),
        ) === true
      );
    };
    return this.#until(`all is read ${when}`, isRead);
  }

  /** What was committed last may be made visible a moment later. */
  async #settledProblems(): Promise<readonly string[]> {
    let problems: readonly string[] = [];
    for (let looks = 0; looks < 10; looks++) {
      const sinks = NAMES.map((name) => QUERIES[name].sink);
      this.#committed = new Map(await Promise.all(sinks.map(async (sink) => [sink, await this.#read(sink)] as const)));
      problems = NAMES.flatMap((name) => QUERIES[name].judge(this).map((problem) => `${name}: ${problem}`));
      if (problems.length === 0) break;
      await delay(1_000);
    }
    return problems;
  }

  // What is proven to have occurred

  /** By what the logs hold for a reader that does not ask what was committed. */
  async #abortedRecords(): Promise<number> {
    const kafka = createKafka({ brokers: [this.stack.kafkaBrokers], clientId: 'kill-loop', log: silentLog });
    const consumer = kafka.consumer({ groupId: 'kill-loop-uncommitted', readUncommitted: true });
    const sinks = NAMES.map((name) => QUERIES[name].sink);
    let seen = 0;
    await consumer.connect();
    await consumer.subscribe({ topics: sinks, fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch }) => {
        seen += batch.messages.length;
      },
    });
    const committed = sinks.reduce((sum, sink) => sum + this.records(sink).length, 0);
    // Until nothing new comes for a while.
    for (let before = -1; seen < committed || seen !== before; await delay(1_500)) before = seen;
    await consumer.disconnect();
    return seen - committed;
  }

  async #claims(): Promise<number> {
    const claims = new Set<string>();
    for (const { value } of await this.#read(`_confluent-ksql-${SERVICE}_lease`)) {
      const { kind, server, term } = JSON.parse(Buffer.from(value ?? []).toString()) as {
        readonly kind: string;
        readonly server: { readonly id: string };
        readonly term: number;
      };
      if (kind === 'claim') claims.add(`${server.id} ${term}`);
    }
    return claims.size;
  }
}

function closingKey(partition: number): string {
  for (let n = 0; ; n++) if (partitionOf(`${CLOSING_KEY}${n}`, PARTITIONS) === partition) return `${CLOSING_KEY}${n}`;
}
