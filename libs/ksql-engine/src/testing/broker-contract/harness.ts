import type { Broker, PartitionOffset, WriteRecord } from '../../ports/broker.js';
import type { FetchedRecord } from '../../ports/record-columns.js';

/** A cluster that a broker adapter is a client of, and what others than the engine do to it. */
export interface BrokerCluster {
  /** One more client, as of another process. */
  connect(): Broker;
  nowMs(): number;
  wait(ms: number): Promise<void>;
  addPartitions(topic: string, partitions: number): Promise<void>;
  deleteRecords(topic: string, partition: number, beforeOffset: number): Promise<void>;
  /** Changes a byte of the batch that holds an offset, where it is kept. */
  corruptBatch(topic: string, partition: number, offset: number): Promise<void>;
  /** Runs a test; one whose time is made lets it pass. */
  run(work: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** What every test of the contract has at hand. */
export class ContractTools {
  #names = 0;
  #broker: Broker | undefined;

  constructor(
    /** Tells apart what two runs on one cluster make. */
    private readonly name: string,
    readonly cluster: BrokerCluster,
  ) {}

  get broker(): Broker {
    return (this.#broker ??= this.cluster.connect());
  }

  unique(what: string): string {
    return `${this.name}-${what}-${++this.#names}`;
  }

  async topic(partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = this.unique('topic');
    await this.broker.createTopics([{ topic, partitions, replicas: 1, config }]);
    return topic;
  }

  record(topic: string, key: string | null, value: string | null, partition?: number): WriteRecord {
    return {
      topic,
      partition,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestamp: this.cluster.nowMs(),
      headers: [],
    };
  }

  /** One that no topic takes unless it says so. */
  spoilt(topic: string, value: string, partition = 0): WriteRecord {
    return { ...this.record(topic, 'k', value, partition), timestamp: this.cluster.nowMs() + 86_400_000 };
  }

  /** Reads from these positions until everything committed by now was read. */
  async readAll(topic: string, from?: readonly PartitionOffset[]): Promise<readonly FetchedRecord[]> {
    const bounds = await this.broker.bounds(topic);
    const positions = from ?? bounds.map(({ partition, start }) => ({ topic, partition, offset: start }));
    const left = new Map(positions.map(({ partition }) => [partition, bounds[partition]?.end ?? 0]));
    for (const { partition, offset } of positions) if (offset >= (left.get(partition) ?? 0)) left.delete(partition);
    const reader = await this.broker.openReader(positions);
    const found: FetchedRecord[] = [];
    try {
      while (left.size > 0) {
        for (const { partition, records, nextOffset } of await reader.poll(500)) {
          found.push(...records);
          if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
        }
      }
    } finally {
      await reader.close();
    }
    return found;
  }

  async values(topic: string): Promise<readonly string[]> {
    return (await this.readAll(topic)).map(({ value }) => textOf(value));
  }

  /** Tries again until it holds: brokers tell one another of what changed. */
  async eventually<T>(look: () => Promise<T>, holds: (found: T) => boolean, timeoutMs = 10_000): Promise<T> {
    const untilMs = this.cluster.nowMs() + timeoutMs;
    for (;;) {
      const found = await look();
      if (holds(found) || this.cluster.nowMs() > untilMs) return found;
      await this.cluster.wait(20);
    }
  }
}

export const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();

/** Declares tests on a cluster. */
export type Promises = (test: (title: string, work: (tools: ContractTools) => Promise<void>) => void) => void;
