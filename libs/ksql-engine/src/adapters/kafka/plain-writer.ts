import { RecordsRefusedError, type TopicPartition, type WriteRecord } from '../../ports/broker.js';
import { BROKER_TIMEOUT_MS, type Cluster } from './cluster.js';
import type { PartitionBatch, Partitioner } from './partitioner.js';
import { nextSequence } from './record-batch-writer.js';
import { initProducerIdV5 } from './protocol.js';
import { produceAnswer, produceBatches, type ProducedBatch, type RefusedBatch } from './produce.js';

const ACKS_ALL = -1;
const NO_TRANSACTION_MS = 60_000;

/** Who writes: the broker takes no sequence of one producer's records twice, so that they may be sent again when no answer came. */
interface Identity {
  readonly id: bigint;
  readonly epoch: number;
  /** Number of its next record, per partition. */
  readonly sequences: Map<string, number>;
}

/** Writes outside transactions, many at a time, each under an identity that no other has meanwhile. */
export class PlainWriter {
  readonly #idle: Identity[] = [];

  constructor(
    private readonly cluster: Cluster,
    private readonly partitioner: Partitioner,
  ) {}

  /** @returns the offset of each record */
  async write(records: readonly WriteRecord[]): Promise<readonly number[]> {
    const places: { readonly batch: PartitionBatch; readonly index: number }[] = [];
    const { byLeader, refused } = await this.partitioner.assign(records, (batch, index) =>
      places.push({ batch, index }),
    );
    if (refused[0]) throw new RecordsRefusedError(refused[0].topic, refused[0].reason);
    const identity = this.#idle.pop() ?? (await this.#identity());
    const firstOffsets = new Map<PartitionBatch, number>();
    for (const { requests } of byLeader) {
      for (const batches of requests) {
        const offsets = await this.#produce(batches, identity);
        batches.forEach((batch, i) => firstOffsets.set(batch, offsets[i] ?? 0));
      }
    }
    // Only now: of a write that failed nobody knows which of its records were taken, and its numbers cannot be given again.
    this.#idle.push(identity);
    return places.map(({ batch, index }) => (firstOffsets.get(batch) ?? 0) + index);
  }

  async #identity(): Promise<Identity> {
    const { producerId, producerEpoch } = await this.cluster.retrying('get a producer id', async () =>
      initProducerIdV5.api.async(await this.cluster.any(), null, NO_TRANSACTION_MS, -1n, -1),
    );
    return { id: producerId, epoch: producerEpoch, sequences: new Map() };
  }

  /** Gives the offset of the first record of each batch. */
  async #produce(batches: readonly PartitionBatch[], identity: Identity): Promise<number[]> {
    const { id, epoch, sequences } = identity;
    const finished = batches.map(({ topic, partition, records }) => {
      const firstSequence = sequences.get(`${topic}:${partition}`) ?? 0;
      return { topic, partition, bytes: records.finish({ id, epoch, firstSequence, isTransactional: false }) };
    });
    const produced: ProducedBatch[] = [];
    const refused: RefusedBatch[] = [];
    await this.cluster.retrying('produce', async () => {
      const left = finished.filter(
        (batch) => ![...produced, ...refused].some((other) => isSamePartition(other, batch)),
      );
      for (const [leader, those] of await this.partitioner.byLeader(left, (batch) => batch)) {
        try {
          const connection = await this.cluster.node(leader);
          const answer = await produceBatches.async(connection, null, ACKS_ALL, BROKER_TIMEOUT_MS, those);
          produced.push(...answer.taken);
          refused.push(...answer.refused);
        } catch (error) {
          const answer = produceAnswer(error);
          produced.push(...answer.taken);
          refused.push(...answer.refused);
          this.partitioner.forget();
          throw error;
        }
      }
    });
    const [first] = refused;
    if (first) {
      const message = first.records[0]?.message ?? first.message;
      throw new RecordsRefusedError(first.topic, `${first.error}${message === null ? '' : `: ${message}`}`);
    }
    for (const { topic, partition, records } of batches) {
      const place = `${topic}:${partition}`;
      sequences.set(place, nextSequence(sequences.get(place) ?? 0, records.count));
    }
    return batches.map((batch) => produced.find((other) => isSamePartition(other, batch))?.firstOffset ?? 0);
  }
}

const isSamePartition = (a: TopicPartition, b: TopicPartition): boolean =>
  a.topic === b.topic && a.partition === b.partition;
