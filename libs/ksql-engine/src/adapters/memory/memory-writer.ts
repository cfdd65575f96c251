import {
  BrokerUnavailableError,
  countRecords,
  RecordsRefusedError,
  WriterFencedError,
  type ConsumedOffsets,
  type RefusedRecord,
  type TransactionalWriter,
  type WriteBatch,
} from '../../ports/broker.js';
import type { ClientLink } from './client-link.js';
import { ClientTopics, type PlacedPartition } from './client-topics.js';
import type { MemoryCluster } from './memory-cluster.js';
import { produce } from './produce.js';
import type { ProducerIdentity } from './transaction-coordinator.js';

/** One transactional id; each commit is a whole transaction, with the requests that one takes on Kafka. */
export class MemoryWriter implements TransactionalWriter {
  readonly #topics: ClientTopics;
  #producer: ProducerIdentity;
  #isClosed = false;
  #failure: Error | undefined;

  private constructor(
    private readonly cluster: MemoryCluster,
    private readonly link: ClientLink,
    producer: ProducerIdentity,
  ) {
    this.#topics = new ClientTopics(cluster, link);
    this.#producer = producer;
  }

  static async open(cluster: MemoryCluster, link: ClientLink, transactionalId: string): Promise<MemoryWriter> {
    const producer = await link.request('openWriter', () => cluster.transactions.open(transactionalId));
    return new MemoryWriter(cluster, link, producer);
  }

  async commit(
    records: WriteBatch,
    consumed: readonly ConsumedOffsets[],
    onRefused: (refused: readonly RefusedRecord[]) => Promise<WriteBatch> = refuse,
  ): Promise<void> {
    const groups = consumed.filter(({ offsets }) => offsets.length > 0);
    if (countRecords(records) === 0 && groups.length === 0) return;
    if (this.#isClosed) throw new BrokerUnavailableError('the writer was closed');
    if (this.#failure) throw this.#failure;
    try {
      const refused = await this.#write(records, groups);
      if (refused.length > 0) {
        const replacing = await onRefused(refused);
        if (countRecords(replacing) > 0) await this.#write(replacing, []);
      }
      this.#producer = await this.link.request('endTransaction', () =>
        this.cluster.transactions.commit(this.#producer),
      );
    } catch (error) {
      const { transactionalId } = this.#producer;
      const spent = new Error(`a commit as ${transactionalId} failed before: open a new writer`, { cause: error });
      this.#failure = error instanceof WriterFencedError ? error : spent;
      throw error;
    }
  }

  /** @returns the records that were refused; all others, and the offsets, are in the transaction */
  async #write(records: WriteBatch, groups: readonly ConsumedOffsets[]): Promise<readonly RefusedRecord[]> {
    const placed = await this.#topics.place(records);
    const producer = this.#producer;
    const refused: RefusedRecord[] = [];
    const answers = await Promise.allSettled([
      ...[...Map.groupBy(placed, ({ leader }) => leader).values()].map(async (parts) => {
        const answer = await this.link.request(
          'produce',
          () => produce(this.cluster, parts, producer),
          logsOf(this.cluster, parts),
        );
        refused.push(...answer.refused);
      }),
      ...groups.map(({ groupId, offsets }) =>
        this.link.request('commitOffsets', async () => {
          await this.cluster.transactions.ready(producer);
          this.cluster.transactions.addOffsets(producer, groupId, offsets);
        }),
      ),
    ]);
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
    return refused;
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return Promise.resolve();
  }
}

/** Those that there are. */
export const logsOf = (cluster: MemoryCluster, parts: readonly PlacedPartition[]) =>
  parts.flatMap(({ topic, partition }) => cluster.findLog(topic, partition) ?? []);

function refuse([first]: readonly RefusedRecord[]): Promise<WriteBatch> {
  return Promise.reject(new RecordsRefusedError(first?.topic ?? '', first?.reason ?? ''));
}
