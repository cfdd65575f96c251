import { type WriteRecord } from '@isobar/ksql-engine';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { createKafka, silentLog } from '@isobar/kafka';

export interface SeenRecord {
  readonly partition: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[];
}

/** The hand of a test in the broker beside the server: makes, reads, writes and removes topics. */
export class KafkaObserver {
  readonly #broker: KafkaBroker;
  readonly #admin;

  constructor(brokers: string) {
    this.#broker = new KafkaBroker({ bootstrap: [brokers], clientId: 'observer' });
    this.#admin = createKafka({ brokers: [brokers], clientId: 'observer', log: silentLog }).admin();
  }

  async connect(): Promise<void> {
    await this.#admin.connect();
  }

  async createTopic(topic: string, partitions: number, config: Readonly<Record<string, string>>): Promise<void> {
    await this.#broker.createTopics([{ topic, partitions, replicas: 1, config }]);
  }

  deleteTopics(topics: readonly string[]): Promise<void> {
    return this.#broker.deleteTopics(topics);
  }

  /** Names without those of the broker's own topics. */
  async topicNames(): Promise<readonly string[]> {
    return [...(await this.#broker.listTopics()).keys()].filter((name) => !name.startsWith('__')).sort();
  }

  async topicConfig(topic: string, names: readonly string[]) {
    const described = (await this.#broker.listTopics()).get(topic);
    if (!described) return undefined;
    const { resources } = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: 2, name: topic, configNames: [...names] }],
    });
    const entries = resources[0]?.configEntries ?? [];
    return {
      partitions: described.partitions,
      config: Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue])),
    };
  }

  write(records: readonly WriteRecord[]): Promise<readonly number[]> {
    return this.#broker.write(records);
  }

  /** All committed records of a topic, by partition and offset; undefined when there is no such topic. */
  async read(topic: string): Promise<readonly SeenRecord[] | undefined> {
    if (!(await this.#broker.listTopics()).has(topic)) return undefined;
    const bounds = (await this.#broker.bounds(topic)).filter((bound) => bound.end > bound.start);
    if (bounds.length === 0) return [];
    const open = new Map(bounds.map((bound) => [bound.partition, bound.end]));
    const reader = await this.#broker.openReader(
      bounds.map(({ partition, start }) => ({ topic, partition, offset: start })),
    );
    const records: SeenRecord[] = [];
    try {
      while (open.size > 0) {
        for (const part of await reader.poll(100)) {
          for (const { key, value, timestamp, headers } of part.records) {
            records.push({
              partition: part.partition,
              timestamp,
              key: asBuffer(key),
              value: asBuffer(value),
              headers: headers.map((header) => ({ key: header.key, value: asBuffer(header.value) })),
            });
          }
          if (part.nextOffset >= (open.get(part.partition) ?? 0)) open.delete(part.partition);
        }
      }
    } finally {
      await reader.close();
    }
    return records.sort((a, b) => a.partition - b.partition);
  }

  /** Removes every topic and consumer group, so that the next server finds an empty cluster. */
  async clear(): Promise<void> {
    await this.#broker.deleteTopics(await this.topicNames());
    const { groups } = await this.#admin.listGroups();
    for (const { groupId } of groups) await this.#broker.deleteGroup(groupId);
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
    await this.#broker.close();
  }
}

const asBuffer = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));
