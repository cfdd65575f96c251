import { jest } from '@jest/globals';
import type { Fault } from '../adapters/memory/fault-plan.js';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster, type MemoryClusterOptions } from '../adapters/memory/memory-cluster.js';
import type { EngineOptions } from '../engine/engine-options.js';
import type { KsqlEngine as Engine } from '../engine/ksql-engine.js';
import type { RequestSession } from '../engine/session.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import type { Scheduler } from '../ports/scheduler.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedScheduler } from './simulated-scheduler.js';

/*
 * Engines over a cluster in memory that wait for no real time: what they take from timers and from `performance` comes from the simulated
 * scheduler too, so that a seed repeats. A spec imports the engine from here alone, or it has real timers.
 */

/** The time of the run under way. */
let time = new SimulatedScheduler(new SeededRandom(0));
const { sleep } = await import('../ports/scheduler.js');
jest.unstable_mockModule('../ports/scheduler.js', () => ({
  sleep,
  timers: { after: (ms: number, action: () => void) => time.after(ms, action) } satisfies Scheduler,
}));
jest.spyOn(performance, 'now').mockImplementation(() => time.nowMs());

const { KsqlEngine } = await import('../engine/ksql-engine.js');
const { createFunctionRegistry } = await import('../functions/registry.js');
const { parseStatements } = await import('../syntax/parse.js');

export class SimulatedEngine {
  readonly random: SeededRandom;
  readonly scheduler: SimulatedScheduler;
  readonly cluster: MemoryCluster;
  /** Nothing ever happens to it. */
  readonly admin: MemoryBroker;
  /** What was logged, and what commands could not be applied. */
  readonly said: string[] = [];
  /** The commands that could not be applied at the last start, by their numbers. */
  readonly failures: string[] = [];

  constructor(seed: number, options: (random: SeededRandom) => Partial<MemoryClusterOptions> = () => ({})) {
    this.random = new SeededRandom(seed);
    this.scheduler = new SimulatedScheduler(this.random, 1_700_000_000_000);
    time = this.scheduler;
    const { random, scheduler } = this;
    this.cluster = new MemoryCluster({ clock: scheduler, scheduler, random, ...options(random) });
    this.admin = new MemoryBroker(this.cluster);
  }

  open(options: Partial<EngineOptions> = {}): Promise<Engine> {
    const { admin: broker, random, scheduler, said, failures } = this;
    failures.length = 0;
    return KsqlEngine.open({
      broker,
      clock: scheduler,
      scheduler,
      random,
      functions: createFunctionRegistry(),
      serviceId: 'sim',
      config: { 'auto.offset.reset': 'earliest' },
      commitIntervalMs: 100,
      deadLetter: () => undefined,
      isTransient: () => false,
      onLog: (entry) => said.push(entry.message),
      onQueryState: () => undefined,
      onCommandReplayed: () => undefined,
      onCommandFailure: ({ sequenceNumber }, error) => {
        said.push(String(error));
        failures.push(`${sequenceNumber}: ${String(error)}`);
      },
      ...options,
    });
  }

  /** A client to which these things happen. */
  client(faults: readonly Fault[]): MemoryBroker {
    return new MemoryBroker(this.cluster, faults);
  }

  async execute(engine: Engine, sql: string): Promise<void> {
    const session: RequestSession = { properties: new Map(), variables: new Map() };
    await engine.execute(parseStatements(sql), session, () => undefined);
  }

  async createTopic(topic: string, partitions: number): Promise<void> {
    await this.admin.createTopics([{ topic, partitions, replicas: 1, config: {} }]);
  }

  async write(topic: string, value: string, key = 'k'): Promise<void> {
    const record = { topic, key: Buffer.from(key), value: Buffer.from(value), headers: [] };
    await this.admin.write([{ ...record, timestamp: this.scheduler.nowMs() }]);
  }

  /** All that is committed in a topic, by partition. */
  async read(topic: string): Promise<readonly FetchedRecord[]> {
    const bounds = await this.admin.bounds(topic);
    const reader = await this.admin.openReader(bounds.map(({ partition }) => ({ topic, partition, offset: 0 })));
    const left = new Map(bounds.filter(({ end }) => end > 0).map(({ partition, end }) => [partition, end]));
    const found: FetchedRecord[] = [];
    while (left.size > 0) {
      for (const { partition, records, nextOffset } of await reader.poll(1_000)) {
        found.push(...records);
        if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
      }
    }
    return found.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }
}
