import type { Consumer, EachBatchPayload } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka } from '../kafka-client.js';
import { toIncomingRecord, type IncomingRecord } from './incoming-record.js';
import type { BatchControl, RecordConsumerOptions } from './record-consumer.js';

/** Records of one partition, while it is ours. */
export interface OwnedBatch extends BatchControl {
  readonly topic: string;
  /** Behind its last record. */
  readonly nextOffset: bigint;
  readonly records: readonly IncomingRecord[];
  /** False once the partition may belong to another member: then nothing of the batch is ours to commit. */
  readonly isOurs: () => boolean;
}

const renewAfterMs = 60_000;
const watchMs = 250;

/**
 * One membership in a group, from joining to the first failure that kafkajs does not mend by itself. kafkajs would begin again after some
 * failures and not after others (a coordinator that cannot be found, a broker that is not there): here none begins again, and who made
 * the membership makes the next.
 */
export class GroupMembership {
  private readonly consumer: Consumer;
  private readonly heartbeatMs: number;
  private failure: Error | undefined;
  private joining: Promise<void> | undefined;
  private joined = false;
  private hasLeft = false;
  private isGivenUp = false;
  private answeredAtMs = performance.now();
  private batchesUnderWay = 0;
  /** Of partitions, as `topic/partition`, that are read from where they should be since they were assigned: the least offset that can come. */
  private readonly positioned = new Map<string, bigint>();

  constructor(
    private readonly options: RecordConsumerOptions,
    private readonly handle: (batch: OwnedBatch) => Promise<void>,
  ) {
    const sessionTimeout = options.sessionTimeoutMs ?? 15_000;
    this.heartbeatMs = Math.floor(sessionTimeout / 5);
    this.consumer = createKafka(options).consumer({
      groupId: options.groupId,
      sessionTimeout,
      heartbeatInterval: this.heartbeatMs,
      maxWaitTimeInMs: options.maxWaitMs ?? 250,
      metadataMaxAge: 10_000,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => false },
    });
    this.consumer.on('consumer.group_join', () => {
      this.positioned.clear();
      this.joined = true;
      this.answered();
    });
    this.consumer.on('consumer.network.request', ({ payload }) => {
      if (payload.apiName === 'Fetch' || payload.apiName === 'Heartbeat') this.answered();
    });
    this.consumer.on('consumer.rebalancing', () => {
      this.joined = false;
    });
    this.consumer.on('consumer.crash', ({ payload }) => {
      this.failure ??= payload.error;
    });
  }

  get isJoined(): boolean {
    return this.joined && this.failure === undefined;
  }

  /** Why nothing is read, or undefined. */
  get trouble(): Error | undefined {
    if (this.failure !== undefined) return this.failure;
    if (!this.joined) return new Error('has not joined its group yet');
    const silentMs = this.silentMs();
    if (silentMs < (this.options.silentLimitMs ?? Math.max(5_000, 2 * this.heartbeatMs))) return undefined;
    return new Error(`Kafka has not answered for ${Math.floor(silentMs / 1_000)} s`);
  }

  /**
   * Joins and reads until the signal aborts.
   *
   * @throws what ended the membership, or that it has been of no use for too long
   */
  async run(signal: AbortSignal, onJoined: () => void): Promise<void> {
    this.joining = this.join();
    // A failure of joining is one of the membership, whenever it comes.
    this.joining.catch((error: unknown) => {
      this.failure ??= error instanceof Error ? error : new Error(String(error));
    });
    let wellAtMs = performance.now();
    let wasJoined = false;
    while (!signal.aborted) {
      if (this.failure !== undefined) throw this.failure;
      const { trouble } = this;
      const nowMs = performance.now();
      if (trouble === undefined) {
        wellAtMs = nowMs;
        if (!wasJoined) onJoined();
        wasJoined = true;
      } else if (nowMs - wellAtMs > (this.options.renewAfterMs ?? renewAfterMs)) throw trouble;
      await sleep(watchMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /**
   * Ends after the batch under way, or when that takes longer than `limitMs`: a handler that never returns must not hold the
   * partitions, so its member is heard of no more and the broker gives them to others within the session timeout. kafkajs cannot end a
   * join: it is waited for, since a member that nobody knows of would keep its partitions from the others.
   */
  async leave(limitMs: number): Promise<void> {
    const leaving = this.leaveWhenDone();
    await Promise.race([leaving, sleep(limitMs, undefined, { ref: false })]);
    this.isGivenUp = true;
  }

  private async leaveWhenDone(): Promise<void> {
    if (this.failure !== undefined || !this.joined) this.hasLeft = true;
    await this.joining?.catch(() => undefined);
    await this.consumer.stop().catch(() => undefined);
    this.hasLeft = true;
    await this.consumer.disconnect().catch(() => undefined);
  }

  private async join(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...this.options.topics], fromBeginning: this.options.fromBeginning });
    if (this.hasLeft) return;
    await this.consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.takeBatch(payload),
    });
  }

  private answered(): void {
    this.answeredAtMs = performance.now();
  }

  /** While records are being handled nobody asks the broker for more. */
  private silentMs(): number {
    return this.batchesUnderWay > 0 ? 0 : performance.now() - this.answeredAtMs;
  }

  private async takeBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale } = payload;
    const records = batch.messages.map((message) => toIncomingRecord(batch, message));
    if (records.length === 0 || this.hasLeft) return;
    if (!(await this.isInPosition(payload))) return;
    const beat = setInterval(() => {
      if (this.isGivenUp) clearInterval(beat);
      else void heartbeat().catch(() => undefined);
    }, this.heartbeatMs);
    this.batchesUnderWay += 1;
    try {
      await this.handle({
        topic: batch.topic,
        records,
        nextOffset: BigInt(batch.lastOffset()) + 1n,
        isOurs: () => isRunning() && !isStale() && !this.hasLeft && !this.isGivenUp,
        commit: async (nextOffset) => {
          const partitions = [{ partition: batch.partition, offset: nextOffset.toString() }];
          // Not through the consumer: it commits nothing more once it was asked to stop.
          await payload.commitOffsetsIfNecessary({ topics: [{ topic: batch.topic, partitions }] });
        },
      });
    } finally {
      this.batchesUnderWay -= 1;
      this.answered();
      clearInterval(beat);
    }
    const name = `${batch.topic}/${batch.partition}`;
    if (this.positioned.has(name)) this.positioned.set(name, BigInt(batch.lastOffset()) + 1n);
    payload.resolveOffset(batch.lastOffset());
    await heartbeat();
  }

  /** Goes to where the partition should be read from, if that is elsewhere; then the batch is not to be handled. */
  private async isInPosition({ batch, isStale }: EachBatchPayload): Promise<boolean> {
    const { topic, partition } = batch;
    if (this.options.position === undefined) return true;
    const name = `${topic}/${partition}`;
    const first = BigInt(batch.firstOffset() ?? 0);
    const least = this.positioned.get(name);
    // Offsets that go back are those of a topic that was made again.
    if (least !== undefined && first >= least) return true;
    const wanted = await this.options.position(topic, partition, BigInt(batch.highWatermark));
    if (isStale()) return false;
    this.positioned.set(name, wanted ?? first);
    if (wanted === undefined || wanted === first) return true;
    this.consumer.seek({ topic, partition, offset: wanted.toString() });
    return false;
  }
}
