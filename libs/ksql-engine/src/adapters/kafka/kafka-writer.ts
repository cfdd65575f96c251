import {
  WriterFencedError,
  type PartitionOffset,
  type TransactionalWriter,
  type WriteRecord,
} from '../../ports/broker.js';
import type { Cluster } from './cluster.js';
import { isFenced } from './kafka-errors.js';
import type { LeaderRequests, PartitionBatch, Partitioner } from './partitioner.js';
import { produceBatches } from './produce.js';
import { addOffsetsToTxnV4, addPartitionsToTxnV3, endTxnV4, initProducerIdV5, txnOffsetCommitV4 } from './protocol.js';

/** Bounds the stall of readers after a kill: the broker aborts what was left open when the next writer opens, or at last then. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const ACKS_ALL = -1;
const PRODUCE_TIMEOUT_MS = 30_000;
/** Sequence numbers start again at 0 after this many. */
const SEQUENCES = 0x8000_0000;

/**
 * One transactional id, one producer epoch. Each commit is a whole transaction: partitions are added, records produced, offsets
 * added and the transaction ended, so that outputs, changelogs and consumed offsets become visible together or not at all.
 */
export class KafkaTransactionalWriter implements TransactionalWriter {
  /** Number of the next record, per partition. */
  readonly #sequences = new Map<string, number>();

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
    await this.cluster.retrying('add partitions to transaction', () =>
      addPartitionsToTxnV3.api.async(coordinator, [
        {
          transactionalId: this.transactionalId,
          producerId: this.producerId,
          producerEpoch: this.producerEpoch,
          verifyOnly: false,
          topics: partitionsByTopic(byLeader),
        },
      ]),
    );
    await Promise.all(
      byLeader.map(async ({ leader, requests }) => {
        for (const batches of requests) await this.#produceBatches(leader, batches);
      }),
    );
  }

  async #produceBatches(leader: number, batches: readonly PartitionBatch[]): Promise<void> {
    const finished = batches.map(({ topic, partition, records }) => {
      const name = `${topic}:${partition}`;
      const firstSequence = this.#sequences.get(name) ?? 0;
      this.#sequences.set(name, (firstSequence + records.count) % SEQUENCES);
      const producer = { id: this.producerId, epoch: this.producerEpoch, firstSequence };
      return { topic, partition, bytes: records.finish(producer) };
    });
    await this.cluster.retrying('produce', async () =>
      produceBatches.async(
        await this.partitioner.connection(leader),
        this.transactionalId,
        ACKS_ALL,
        PRODUCE_TIMEOUT_MS,
        finished,
      ),
    );
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

function partitionsByTopic(
  byLeader: readonly LeaderRequests[],
): { readonly name: string; readonly partitions: number[] }[] {
  const topics = new Map<string, Set<number>>();
  for (const { topic, partition } of byLeader.flatMap(({ requests }) => requests.flat())) {
    const partitions = topics.get(topic) ?? new Set();
    topics.set(topic, partitions.add(partition));
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions: [...partitions] }));
}
