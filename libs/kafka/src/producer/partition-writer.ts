import { brokerErrorType, isPermanent, producerStateErrors } from '../broker-errors.js';
import type { KafkaJsBroker } from '../cluster/kafkajs-cluster.js';
import { nextSequence } from './sequence.js';

/** Sends records of one partition with a producer id and a first sequence number. @throws the broker's answer */
export type SendRecords<Item> = (
  identity: { readonly producerId: string | number; readonly producerEpoch: number; readonly firstSequence: number },
  items: readonly Item[],
) => Promise<void>;

export interface Outcome<Item> {
  readonly delivered: (items: readonly Item[]) => void;
  readonly refused: (item: Item, error: Error) => void;
}

const notIdempotent = { producerId: -1, producerEpoch: 0, firstSequence: 0 };

/**
 * What is under way to one partition, and the identity under which the broker knows it. A batch whose fate is unknown is sent again
 * unchanged, so that the broker tells it from a new one. A batch that is refused is halved until the records that spoil it stand
 * alone; nothing that the broker took is sent again.
 */
export class PartitionWriter<Item> {
  private batches: (readonly Item[])[] = [];
  private identity: { producerId: string; producerEpoch: number } | undefined;
  private sequence = 0;

  constructor(private readonly isIdempotent: boolean) {}

  get hasMore(): boolean {
    return this.batches.length > 0;
  }

  add(items: readonly Item[]): void {
    this.batches.push(items);
  }

  /** Takes back what is not delivered: the partition is no more. */
  withdraw(): readonly Item[] {
    return this.batches.splice(0).flat();
  }

  /** Sends until all is answered for. @throws what is worth another try */
  async drain(
    initProducerId: () => ReturnType<KafkaJsBroker['initProducerId']>,
    send: SendRecords<Item>,
    outcome: Outcome<Item>,
  ): Promise<void> {
    for (let batch = this.batches[0]; batch !== undefined; batch = this.batches[0]) {
      try {
        if (this.isIdempotent) this.identity ??= await initProducerId();
        await send(
          this.identity === undefined ? notIdempotent : { ...this.identity, firstSequence: this.sequence },
          batch,
        );
      } catch (error) {
        const type = brokerErrorType(error);
        // It had come before, and its answer got lost.
        if (type !== 'DUPLICATE_SEQUENCE_NUMBER') {
          if (!isPermanent(error)) {
            if (type !== undefined && producerStateErrors.has(type)) this.forgetIdentity();
            throw error;
          }
          this.divide(batch, error, outcome);
          continue;
        }
      }
      this.batches.shift();
      this.sequence = nextSequence(this.sequence, batch.length);
      outcome.delivered(batch);
    }
  }

  private divide(batch: readonly Item[], error: unknown, outcome: Outcome<Item>): void {
    this.batches.shift();
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      outcome.refused(only, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    const middle = Math.ceil(batch.length / 2);
    this.batches.unshift(batch.slice(0, middle), batch.slice(middle));
  }

  private forgetIdentity(): void {
    this.identity = undefined;
    this.sequence = 0;
  }
}
