import {
  addOffsetsToTxnV4,
  addPartitionsToTxnV3,
  endTxnV4,
  initProducerIdV5,
  NumericMap,
  produceV11,
  txnOffsetCommitV4,
  type MessageRecord,
} from '@platformatic/kafka';
import {
  WriterFencedError,
  type PartitionOffset,
  type TransactionalWriter,
  type WriteRecord,
} from '../../ports/broker.js';
import type { Cluster } from './cluster.js';
import { isFenced } from './kafka-errors.js';
import type { Partitioner } from './partitioner.js';

/** Bounds the stall of readers after a kill: the broker aborts what was left open when the next writer opens, or at last then. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const ACKS_ALL = -1;
const PRODUCE_TIMEOUT_MS = 30_000;

/**
 * One transactional id, one producer epoch. Each commit is a whole transaction: partitions are added, records produced, offsets
 * added and the transaction ended, so that outputs, changelogs and consumed offsets become visible together or not at all.
 */
export class KafkaTransactionalWriter implements TransactionalWriter {
  readonly #sequences = new NumericMap();

  private constructor(
    private readonly cluster: Cluster,
    private readonly partitioner: Partitioner,
    private readonly transactionalId: string,
    private readonly producerId: bigint,
    private readonly producerEpoch: number,
  ) {}

  static async open(
    cluster: Cluster,
    partitioner: Partitioner,
    transactionalId: string,
  ): Promise<KafkaTransactionalWriter> {
    const answer = await cluster.retrying(`open transaction ${transactionalId}`, async () => {
      const coordinator = await cluster.coordinator('transaction', transactionalId);
      return initProducerIdV5.api.async(coordinator, transactionalId, TRANSACTION_TIMEOUT_MS, -1n, -1);
    });
    return new KafkaTransactionalWriter(cluster, partitioner, transactionalId, answer.producerId, answer.producerEpoch);
  }

  async commit(
    records: readonly WriteRecord[],
    groupId: string,
    offsets: readonly (PartitionOffset & { readonly metadata: string })[],
  ): Promise<void> {
    try {
      const coordinator = await this.cluster.coordinator('transaction', this.transactionalId);
      if (records.length > 0) await this.#produce(coordinator, records);
      if (offsets.length > 0) await this.#commitOffsets(coordinator, groupId, offsets);
      if (records.length > 0 || offsets.length > 0) {
        await this.cluster.retrying('end transaction', () =>
          endTxnV4.api.async(coordinator, this.transactionalId, this.producerId, this.producerEpoch, true),
        );
      }
    } catch (error) {
      if (isFenced(error))
        throw new WriterFencedError(`another process writes as ${this.transactionalId}`, { cause: error });
      throw error;
    }
  }

  async #produce(coordinator: Awaited<ReturnType<Cluster['any']>>, records: readonly WriteRecord[]): Promise<void> {
    const byLeader = await this.partitioner.assign(records);
    const topics = new Map<string, Set<number>>();
    for (const rounds of byLeader.values()) {
      for (const message of rounds.flat()) {
        const partitions = topics.get(message.topic) ?? new Set();
        partitions.add(message.partition ?? 0);
        topics.set(message.topic, partitions);
      }
    }
    await this.cluster.retrying('add partitions to transaction', () =>
      addPartitionsToTxnV3.api.async(coordinator, [
        {
          transactionalId: this.transactionalId,
          producerId: this.producerId,
          producerEpoch: this.producerEpoch,
          verifyOnly: false,
          topics: [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] })),
        },
      ]),
    );
    await Promise.all(
      [...byLeader].map(async ([leader, rounds]) => {
        for (const messages of rounds) await this.#produceRound(leader, messages);
      }),
    );
  }

  async #produceRound(leader: number, messages: MessageRecord[]): Promise<void> {
    await this.cluster.retrying('produce', async () =>
      produceV11.api.async(await this.partitioner.connection(leader), ACKS_ALL, PRODUCE_TIMEOUT_MS, messages, {
        transactionalId: this.transactionalId,
        producerId: this.producerId,
        producerEpoch: this.producerEpoch,
        sequences: this.#sequences,
        compression: 'none',
      }),
    );
    for (const message of messages) {
      const key = `${message.topic}:${message.partition}`;
      this.#sequences.set(key, ((this.#sequences.get(key) ?? 0) + 1) % 0x8000_0000);
    }
  }

  async #commitOffsets(
    coordinator: Awaited<ReturnType<Cluster['any']>>,
    groupId: string,
    offsets: readonly (PartitionOffset & { readonly metadata: string })[],
  ): Promise<void> {
    await this.cluster.retrying('add offsets to transaction', () =>
      addOffsetsToTxnV4.api.async(coordinator, this.transactionalId, this.producerId, this.producerEpoch, groupId),
    );
    const byTopic = Map.groupBy(offsets, (offset) => offset.topic);
    await this.cluster.retrying('commit offsets in transaction', async () =>
      txnOffsetCommitV4.api.async(
        await this.cluster.coordinator('group', groupId),
        this.transactionalId,
        groupId,
        this.producerId,
        this.producerEpoch,
        -1,
        '',
        null,
        [...byTopic].map(([name, entries]) => ({
          name,
          partitions: entries.map((entry) => ({
            partitionIndex: entry.partition,
            committedOffset: BigInt(entry.offset),
            committedLeaderEpoch: -1,
            committedMetadata: entry.metadata,
          })),
        })),
      ),
    );
  }

  async close(): Promise<void> {
    await this.cluster.close();
  }
}
