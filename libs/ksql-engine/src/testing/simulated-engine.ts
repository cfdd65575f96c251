import type { Fault } from '../adapters/memory/fault-plan.js';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster, type MemoryClusterOptions } from '../adapters/memory/memory-cluster.js';
import type { EngineOptions } from '../engine/engine-options.js';
import { KsqlEngine } from '../engine/ksql-engine.js';
import type { RequestSession } from '../engine/session.js';
import { createFunctionRegistry } from '../functions/registry.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import { parseStatements } from '../syntax/parse.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedScheduler } from './simulated-scheduler.js';
import { simulateTime } from './simulated-time.js';

/** Engines over a cluster in memory that wait for no real time, one world at a time. */
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
    simulateTime(this.scheduler);
    const { random, scheduler } = this;
    this.cluster = new MemoryCluster({ clock: scheduler, scheduler, random, ...options(random) });
    this.admin = new MemoryBroker(this.cluster);
  }

  open(options: Partial<EngineOptions> = {}): Promise<KsqlEngine> {
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

  async execute(engine: KsqlEngine, sql: string): Promise<void> {
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
