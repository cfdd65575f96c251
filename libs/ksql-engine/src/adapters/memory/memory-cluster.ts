import { BrokerUnavailableError, type NewTopic, type TopicDescription } from '../../ports/broker.js';
import type { Clock, Random } from '../../ports/ports.js';
import type { Scheduler } from '../../ports/scheduler.js';
import { GroupOffsets } from './group-offsets.js';
import { Occurrences } from './occurrences.js';
import { PartitionLog } from './partition-log.js';
import { TopicSettings } from './topic-settings.js';
import { TransactionCoordinator } from './transaction-coordinator.js';

export interface MemoryClusterOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly nodes?: number;
  readonly offsetsRetentionMs?: number;
  /** How often it is looked which records are too old. */
  readonly retentionCheckMs?: number;
  readonly transactionTimeoutMs?: number;
  /** A request, and an answer, takes up to this long. */
  readonly latencyMaxMs?: number;
  readonly markerMaxMs?: number;
  /** What one request brings of one partition, but always a batch. */
  readonly fetchBytesMax?: number;
}

interface Topic {
  readonly name: string;
  /** Another one for a topic that was made anew. */
  readonly id: number;
  readonly settings: TopicSettings;
  readonly replicas: number;
  readonly logs: PartitionLog[];
}

const DAY_MS = 86_400_000;
/** Kafka's defaults; the transactions end as early as those of the Kafka adapter. */
const OFFSETS_RETENTION_MS = 7 * DAY_MS;
const RETENTION_CHECK_MS = 300_000;
const TRANSACTION_TIMEOUT_MS = 30_000;

/** A Kafka cluster in memory, with what may happen to one. `MemoryBroker` is a client of it. */
export class MemoryCluster {
  readonly occurrences = new Occurrences();
  readonly groups: GroupOffsets;
  readonly transactions: TransactionCoordinator;
  readonly nodes: number;
  readonly #topics = new Map<string, Topic>();
  readonly #watchers = new Set<() => void>();
  #topicsMade = 0;
  #retentionCheckedMs: number;

  constructor(readonly options: MemoryClusterOptions) {
    const { clock, scheduler, random } = options;
    this.nodes = options.nodes ?? 1;
    this.#retentionCheckedMs = clock.nowMs();
    this.groups = new GroupOffsets(options.offsetsRetentionMs ?? OFFSETS_RETENTION_MS, this.occurrences);
    this.transactions = new TransactionCoordinator({
      clock,
      scheduler,
      random,
      occurrences: this.occurrences,
      groups: this.groups,
      transactionTimeoutMs: options.transactionTimeoutMs ?? TRANSACTION_TIMEOUT_MS,
      markerMaxMs: options.markerMaxMs ?? 5,
      onChange: () => this.changed(),
    });
  }

  /** Calls whenever something can be read that could not be before, or no longer; the answer ends that. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  changed(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  listTopics(): ReadonlyMap<string, TopicDescription> {
    const topics = [...this.#topics.values()].map(({ name, id, logs, replicas, settings: { retentionMs } }) => {
      return [name, { id: String(id), partitions: logs.length, replicas, retentionMs }] as const;
    });
    return new Map(topics);
  }

  /** @throws BrokerUnavailableError when there is none: it may be that the broker does not know it yet */
  topic(name: string): Topic {
    this.#expireRecords();
    const topic = this.#topics.get(name);
    if (topic === undefined) throw new BrokerUnavailableError(`topic ${name}: UNKNOWN_TOPIC_OR_PARTITION`);
    return topic;
  }

  log(topic: string, partition: number): PartitionLog {
    const log = this.topic(topic).logs[partition];
    if (log === undefined) throw new BrokerUnavailableError(`${topic}-${partition}: UNKNOWN_TOPIC_OR_PARTITION`);
    return log;
  }

  findLog(topic: string, partition: number): PartitionLog | undefined {
    return this.#topics.get(topic)?.logs[partition];
  }

  createTopics(topics: readonly NewTopic[]): void {
    for (const { topic: name, partitions, replicas, config } of topics) {
      if (this.#topics.has(name)) continue;
      if (replicas > this.nodes) {
        throw new Error(`INVALID_REPLICATION_FACTOR: ${replicas} replicas of ${name} on ${this.nodes} nodes`);
      }
      const topic: Topic = { name, id: ++this.#topicsMade, settings: new TopicSettings(config), replicas, logs: [] };
      this.#topics.set(name, topic);
      this.#grow(topic, partitions);
    }
    this.changed();
  }

  deleteTopics(names: readonly string[]): void {
    for (const name of names) {
      this.#topics.delete(name);
      this.groups.deleteTopic(name);
    }
    this.changed();
  }

  addPartitions(name: string, partitions: number): void {
    this.#grow(this.topic(name), partitions);
    this.occurrences.add('partitionsAdded');
    this.changed();
  }

  /** Deletes the records before an offset. */
  deleteRecords(topic: string, partition: number, beforeOffset: number): void {
    this.#count(this.log(topic, partition).deleteBefore(beforeOffset));
    this.changed();
  }

  /** Spoils the batch that holds an offset, as a bad disk does. */
  corruptBatch(topic: string, partition: number, offset: number): void {
    this.log(topic, partition).corrupt(offset);
  }

  /** Another node leads a partition; clients learn of it by a failure. */
  moveLeader(log: PartitionLog): void {
    log.leader = (log.leader + 1) % this.nodes;
    log.leaderEpoch++;
    this.occurrences.add('leaderMoved');
    this.changed();
  }

  #grow(topic: Topic, partitions: number): void {
    for (let partition = topic.logs.length; partition < partitions; partition++) {
      topic.logs.push(new PartitionLog(topic.name, partition, (topic.id + partition) % this.nodes));
    }
  }

  /** Deletes what is too old, as seldom as Kafka does. */
  #expireRecords(): void {
    const nowMs = this.options.clock.nowMs();
    if (nowMs - this.#retentionCheckedMs < (this.options.retentionCheckMs ?? RETENTION_CHECK_MS)) return;
    this.#retentionCheckedMs = nowMs;
    for (const { settings, logs } of this.#topics.values()) {
      const oldestKeptMs = settings.oldestKeptMs(nowMs);
      if (oldestKeptMs !== undefined) for (const log of logs) this.#count(log.deleteOlderThan(oldestKeptMs));
    }
  }

  #count(offsets: number): void {
    if (offsets > 0) this.occurrences.add('recordsDeleted', offsets);
  }
}
