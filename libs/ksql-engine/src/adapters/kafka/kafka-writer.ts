import {
  countRecords,
  RecordsRefusedError,
  WriterFencedError,
  type ConsumedOffsets,
  type RefusedRecord,
  type TransactionalWriter,
  type WriteBatch,
} from '../../ports/broker.js';
import { BatchDelivery } from './batch-delivery.js';
import { BROKER_TIMEOUT_MS, type Cluster } from './cluster.js';
import { isFenced } from './kafka-errors.js';
import type { LeaderRequests, PartitionBatch, Partitioner } from './partitioner.js';
import { produceAnswer, produceBatches, produceInTransaction, type BatchBytes, type ProduceAnswer } from './produce.js';
import { nextSequence } from './record-batch-writer.js';
import { addOffsetsToTxnV4, addPartitionsToTxnV3, endTxnV4, initProducerIdV5, txnOffsetCommitV4 } from './protocol.js';
import {
  beginsTransactionsImplicitly,
  endTxnV5,
  txnOffsetCommitV5,
  type ProducerIdentity,
} from './transaction-protocol.js';

/** Bounds the stall of readers after a kill: the broker aborts what was left open when the next writer opens, or at last then. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const ACKS_ALL = -1;

type Connection = Awaited<ReturnType<Cluster['any']>>;

/**
 * One transactional id. Each commit is a whole transaction: records are produced, offsets added and the transaction ended, so that
 * outputs, changelogs and consumed offsets become visible together or not at all.
 */
export class KafkaTransactionalWriter implements TransactionalWriter {
  /** Number of the next record of this producer epoch, per partition. */
  readonly #sequences = new Map<string, number>();
  #producer: ProducerIdentity;
  /** Why nothing is written any more: what a failed commit left open would become visible with the next. */
  #failure: Error | undefined;

  private constructor(
    private readonly cluster: Cluster,
    private readonly partitioner: Partitioner,
    private readonly transactionalId: string,
    /** Whether partitions and offsets need no announcement before they are written to (KIP-890). */
    private readonly isImplicit: boolean,
    producer: ProducerIdentity,
  ) {
    this.#producer = producer;
  }

  static async open(
    cluster: Cluster,
    partitioner: Partitioner,
    transactionalId: string,
    speaksImplicitly: (connection: Connection) => Promise<boolean> = beginsTransactionsImplicitly,
  ): Promise<KafkaTransactionalWriter> {
    const isImplicit = await cluster.retrying('read the features of the cluster', async () =>
      speaksImplicitly(await cluster.any()),
    );
    const { producerId, producerEpoch } = await cluster.retrying(`open transaction ${transactionalId}`, async () => {
      const coordinator = await cluster.coordinator('transaction', transactionalId);
      return initProducerIdV5.api.async(coordinator, transactionalId, TRANSACTION_TIMEOUT_MS, -1n, -1);
    });
    return new KafkaTransactionalWriter(cluster, partitioner, transactionalId, isImplicit, {
      producerId,
      producerEpoch,
    });
  }

  async commit(
    records: WriteBatch,
    consumed: readonly ConsumedOffsets[],
    onRefused: (refused: readonly RefusedRecord[]) => Promise<WriteBatch> = refuse,
  ): Promise<void> {
    const groups = consumed.filter(({ offsets }) => offsets.length > 0);
    if (countRecords(records) === 0 && groups.length === 0) return;
    if (this.#failure) throw this.#failure;
    try {
      const { refused, isBegun } = await this.#write(records, groups);
      const replacing = refused.length > 0 ? await onRefused(refused) : [];
      const added = await this.#write(replacing, []);
      // Of which nothing was sent, because it is too large for that, a transaction has not begun and cannot end.
      if (isBegun || added.isBegun) await this.#end();
    } catch (error) {
      const { transactionalId } = this;
      if (isFenced(error)) {
        this.#failure = new WriterFencedError(`another process writes as ${transactionalId}`, { cause: error });
        throw this.#failure;
      }
      this.#failure = new Error(`a commit as ${transactionalId} failed before: open a new writer`, { cause: error });
      throw error;
    }
  }

  /** All records but those that were refused, and the offsets, are in the transaction then. */
  async #write(
    records: WriteBatch,
    groups: readonly ConsumedOffsets[],
  ): Promise<{ readonly refused: readonly RefusedRecord[]; readonly isBegun: boolean }> {
    if (countRecords(records) === 0 && groups.length === 0) return { refused: [], isBegun: false };
    const assigned = await this.partitioner.assign(records);
    const { byLeader } = assigned;
    if (!this.isImplicit) await this.#announce(byLeader, groups);
    const refused = [...assigned.refused];
    // All have answered before an error goes on, so that nothing of this transaction is under way when the next writer opens.
    const answers = await Promise.allSettled([
      ...byLeader.map(async ({ requests }) => {
        for (const batches of requests) await this.#produce(batches, refused);
      }),
      ...groups.map((group) => this.#commitOffsets(group)),
    ]);
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    return { refused, isBegun: byLeader.length > 0 || groups.length > 0 };
  }

  /** What the first transaction protocol wants to know before partitions and offsets are written to. */
  async #announce(byLeader: readonly LeaderRequests[], groups: readonly ConsumedOffsets[]): Promise<void> {
    const { transactionalId } = this;
    const { producerId, producerEpoch } = this.#producer;
    const topics = partitionsByTopic(byLeader);
    if (topics.length > 0) {
      await this.cluster.retrying('add partitions to transaction', async () =>
        addPartitionsToTxnV3.api.async(await this.#coordinator(), [
          { transactionalId, producerId, producerEpoch, verifyOnly: false, topics },
        ]),
      );
    }
    for (const { groupId } of groups) {
      await this.cluster.retrying('add offsets to transaction', async () =>
        addOffsetsToTxnV4.api.async(await this.#coordinator(), transactionalId, producerId, producerEpoch, groupId),
      );
    }
  }

  /** Sends at most one batch per partition, until each of their records was taken or refused. */
  async #produce(batches: readonly PartitionBatch[], refused: RefusedRecord[]): Promise<void> {
    let left = batches.map((batch) => new BatchDelivery(batch, (record) => refused.push(record)));
    const settle = (answer: ProduceAnswer): void => {
      for (const { topic, partition } of answer.taken) {
        const delivery = deliveryTo(left, topic, partition);
        const count = delivery?.next?.count ?? 0;
        this.#sequences.set(`${topic}:${partition}`, nextSequence(this.#nextSequence(topic, partition), count));
        delivery?.taken();
      }
      for (const batch of answer.refused) deliveryTo(left, batch.topic, batch.partition)?.refused(batch);
      left = left.filter(({ next }) => next !== undefined);
    };
    const produce = this.isImplicit ? produceInTransaction : produceBatches;
    await this.cluster.retrying('produce', async () => {
      while (left.length > 0) {
        for (const [leader, those] of await this.partitioner.byLeader(left, ({ batch }) => batch)) {
          try {
            const connection = await this.partitioner.connection(leader);
            const bytes = those.map(this.#finish);
            settle(await produce.async(connection, this.transactionalId, ACKS_ALL, BROKER_TIMEOUT_MS, bytes));
          } catch (error) {
            settle(produceAnswer(error));
            this.partitioner.forget();
            throw error;
          }
        }
      }
    });
  }

  readonly #finish = ({ batch: { topic, partition }, next }: BatchDelivery): BatchBytes => {
    const { producerId: id, producerEpoch: epoch } = this.#producer;
    const firstSequence = this.#nextSequence(topic, partition);
    return { topic, partition, bytes: next?.finish({ id, epoch, firstSequence, isTransactional: true }) ?? NO_BYTES };
  };

  #nextSequence(topic: string, partition: number): number {
    return this.#sequences.get(`${topic}:${partition}`) ?? 0;
  }

  async #commitOffsets({ groupId, offsets }: ConsumedOffsets): Promise<void> {
    const { producerId, producerEpoch } = this.#producer;
    const byTopic = Map.groupBy(offsets, (offset) => offset.topic);
    const commit = this.isImplicit ? txnOffsetCommitV5 : txnOffsetCommitV4.api;
    await this.cluster.retrying('commit offsets in transaction', async () =>
      commit.async(
        await this.cluster.coordinator('group', groupId),
        this.transactionalId,
        groupId,
        producerId,
        producerEpoch,
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

  /** Looked for at each try: the broker that it was, and the connection to it, may be gone. */
  #coordinator(): Promise<Connection> {
    return this.cluster.coordinator('transaction', this.transactionalId);
  }

  async #end(): Promise<void> {
    const { producerId, producerEpoch } = this.#producer;
    if (!this.isImplicit) {
      await this.cluster.retrying('end transaction', async () =>
        endTxnV4.api.async(await this.#coordinator(), this.transactionalId, producerId, producerEpoch, true),
      );
      return;
    }
    this.#producer = await this.cluster.retrying('end transaction', async () =>
      endTxnV5.async(await this.#coordinator(), this.transactionalId, producerId, producerEpoch, true),
    );
    this.#sequences.clear();
  }

  async close(): Promise<void> {
    await this.cluster.close();
  }
}

const NO_BYTES = Buffer.alloc(0);

function refuse([first]: readonly RefusedRecord[]): Promise<WriteBatch> {
  return Promise.reject(new RecordsRefusedError(first?.topic ?? '', first?.reason ?? ''));
}

const deliveryTo = (
  deliveries: readonly BatchDelivery[],
  topic: string,
  partition: number,
): BatchDelivery | undefined => deliveries.find(({ batch }) => batch.topic === topic && batch.partition === partition);

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
