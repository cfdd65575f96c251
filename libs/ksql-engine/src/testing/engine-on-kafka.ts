import { afterAll, beforeAll } from '@jest/globals';
import { KafkaBroker } from '../adapters/kafka/kafka-broker.js';
import type { EngineOptions } from '../engine/engine-options.js';
import { KsqlEngine } from '../engine/ksql-engine.js';
import { createFunctionRegistry } from '../functions/registry.js';
import type { ProcessingLogEntry } from '../ports/ports.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import { parseStatements } from '../syntax/parse.js';

export const DEAD_LETTERS = 'dead-letters';

/** A broker and how it is stopped. */
interface RealKafka {
  /** host:port */
  readonly kafkaBrokers: string;
  stop(): Promise<void>;
}

/** Engines on a real broker that nobody else uses, with all that they say. */
export class EngineOnKafka {
  readonly log: ProcessingLogEntry[] = [];
  /** States as they came, `CSAS_X ERROR: reason`. */
  readonly states: string[] = [];
  engine: KsqlEngine | undefined;

  #server: RealKafka | undefined;
  #broker: KafkaBroker | undefined;

  private constructor(private readonly startServer: () => Promise<RealKafka>) {}

  /** For the specs of a file: starts before the first of them, and stops after the last. */
  static forSpecs(startServer: () => Promise<RealKafka>): EngineOnKafka {
    const kafka = new EngineOnKafka(startServer);
    beforeAll(() => kafka.#start(), 120_000);
    afterAll(() => kafka.#stop(), 60_000);
    return kafka;
  }

  get broker(): KafkaBroker {
    if (this.#broker === undefined)
      throw new Error('Kafka is started before the first spec, not while they are declared');
    return this.#broker;
  }
  /** host:port */
  get bootstrap(): string {
    return this.#server?.kafkaBrokers ?? '';
  }

  async #start(): Promise<void> {
    this.#server = await this.startServer();
    this.#broker = new KafkaBroker({ bootstrap: [this.bootstrap], clientId: 'spec' });
    await this.createTopic(DEAD_LETTERS);
  }

  /** Starts the engine, anew on what it left when it ran before. */
  async open(serviceId: string, options: Partial<EngineOptions> = {}): Promise<KsqlEngine> {
    await this.engine?.close();
    this.engine = await KsqlEngine.open({
      broker: this.broker,
      clock: { nowMs: () => Date.now() },
      random: { next: () => Math.random() },
      functions: createFunctionRegistry(),
      serviceId,
      config: { 'auto.offset.reset': 'earliest' },
      commitIntervalMs: 50,
      deadLetter: ({ message, record }) => {
        if (!record) return undefined;
        const headers = [{ key: 'reason', value: Buffer.from(message) }];
        return { topic: DEAD_LETTERS, timestamp: Date.now(), headers };
      },
      isTransient: () => false,
      onLog: (entry) => this.log.push(entry),
      onQueryState: (queryId, state, error) =>
        this.states.push(`${queryId} ${state}${error ? `: ${error.message}` : ''}`),
      onCommandReplayed: () => undefined,
      onCommandFailure: (_, error) => {
        throw error;
      },
      ...options,
    });
    return this.engine;
  }

  async execute(sql: string): Promise<void> {
    await this.engine?.execute(parseStatements(sql), { properties: new Map(), variables: new Map() }, () => undefined);
  }

  async createTopic(topic: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.broker.createTopics([{ topic, partitions, replicas: 1, config }]);
  }

  /** Writes a JSON value, or text as it is. */
  async write(topic: string, partition: number, key: string, value: unknown, timestamp = Date.now()): Promise<void> {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    await this.broker.write([
      { topic, partition, key: Buffer.from(key), value: Buffer.from(text), timestamp, headers: [] },
    ]);
  }

  /** All that is committed in a topic, oldest first in each partition. */
  async records(topic: string): Promise<readonly FetchedRecord[]> {
    const bounds = await this.broker.bounds(topic);
    const left = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
    const reader = await this.broker.openReader(
      bounds.map(({ partition, start }) => ({ topic, partition, offset: start })),
    );
    const found: FetchedRecord[] = [];
    while (left.size > 0) {
      for (const part of await reader.poll(200)) {
        found.push(...part.records);
        if (part.nextOffset >= (left.get(part.partition) ?? 0)) left.delete(part.partition);
      }
    }
    await reader.close();
    return found;
  }

  /** The newest value of each key as text, by the key as text. */
  async newest(topic: string): Promise<Readonly<Record<string, string>>> {
    const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
    return Object.fromEntries((await this.records(topic)).map(({ key, value }) => [text(key), text(value)]));
  }

  async #stop(): Promise<void> {
    await this.engine?.close();
    await this.#broker?.close();
    await this.#server?.stop();
  }
}
