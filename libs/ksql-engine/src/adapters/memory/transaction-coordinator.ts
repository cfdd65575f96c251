import { WriterFencedError, type CommittedOffset } from '../../ports/broker.js';
import type { Clock, Random } from '../../ports/ports.js';
import type { Scheduler } from '../../ports/scheduler.js';
import type { GroupOffsets } from './group-offsets.js';
import type { Occurrences } from './occurrences.js';
import type { Outcome, PartitionLog } from './partition-log.js';

/** Who writes: a producer has one number for ever, and a new epoch with each writer that opens and each transaction that ends. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly epoch: number;
}

interface Producer {
  readonly transactionalId: string;
  readonly producerId: number;
  epoch: number;
  readonly logs: Set<PartitionLog>;
  readonly groups: Set<string>;
  /** Ends the wait for its time to be over; undefined while no transaction is open. */
  stopTimeout: (() => void) | undefined;
  /** Of a transaction that was ended after its time: nobody else has taken over. */
  timedOutEpoch: number | undefined;
  /** Settled when the markers of its last transaction stand. */
  ending: Promise<void> | undefined;
}

export interface CoordinatorOptions {
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly occurrences: Occurrences;
  readonly groups: GroupOffsets;
  readonly transactionTimeoutMs: number;
  /** A marker stands within this time after the answer to the end of its transaction. */
  readonly markerMaxMs: number;
  /** Something became visible. */
  onChange(): void;
}

/**
 * Transactions as the second protocol has them (KIP-890): the first record or offset begins one, its end is answered before the markers
 * stand in the partitions, each by itself, and gives the next epoch. A writer that opens aborts what an older one left open.
 */
export class TransactionCoordinator {
  readonly #producers = new Map<string, Producer>();

  constructor(private readonly options: CoordinatorOptions) {}

  /** Answers when nothing of this id is undecided or still being made visible. */
  async open(transactionalId: string): Promise<ProducerIdentity> {
    const producer = this.#producers.get(transactionalId) ?? {
      transactionalId,
      producerId: this.#producers.size + 1,
      epoch: -1,
      logs: new Set(),
      groups: new Set(),
      stopTimeout: undefined,
      timedOutEpoch: undefined,
      ending: undefined,
    };
    this.#producers.set(transactionalId, producer);
    producer.epoch++;
    producer.timedOutEpoch = undefined;
    if (producer.stopTimeout !== undefined) this.#end(producer, 'aborted');
    await this.#markers(producer);
    producer.epoch++;
    return identityOf(producer);
  }

  /** Waits until the last transaction of this producer is made visible: before, none begins. */
  async ready(identity: ProducerIdentity): Promise<void> {
    await this.#markers(this.#known(identity));
  }

  /** Makes a partition a part of the transaction, which begins with it when none is open. */
  enter(identity: ProducerIdentity, log: PartitionLog): void {
    this.#begin(identity).logs.add(log);
  }

  addOffsets(identity: ProducerIdentity, groupId: string, offsets: readonly CommittedOffset[]): void {
    this.#begin(identity).groups.add(groupId);
    this.options.groups.addPending(groupId, identity.producerId, offsets);
  }

  /** Commits, and gives the identity under which the next transaction is written. */
  commit(identity: ProducerIdentity): ProducerIdentity {
    const isTimedOut = this.#producers.get(identity.transactionalId)?.timedOutEpoch === identity.epoch;
    if (isTimedOut) throw new Error('INVALID_TXN_STATE: the transaction was ended after its time');
    const producer = this.#known(identity);
    if (producer.stopTimeout === undefined) throw new Error('INVALID_TXN_STATE: no transaction is open');
    producer.epoch++;
    this.#end(producer, 'committed');
    return identityOf(producer);
  }

  #begin(identity: ProducerIdentity): Producer {
    const producer = this.#known(identity);
    producer.stopTimeout ??= this.options.scheduler.after(this.options.transactionTimeoutMs, () => {
      this.options.occurrences.add('transactionTimedOut');
      producer.timedOutEpoch = producer.epoch++;
      this.#end(producer, 'aborted');
    });
    return producer;
  }

  #known({ transactionalId, epoch }: ProducerIdentity): Producer {
    const producer = this.#producers.get(transactionalId);
    if (producer?.epoch === epoch) return producer;
    this.options.occurrences.add('writerFenced');
    throw new WriterFencedError(`another process writes as ${transactionalId}`);
  }

  async #markers(producer: Producer): Promise<void> {
    while (producer.ending !== undefined) {
      this.options.occurrences.add('markersAwaited');
      await producer.ending;
    }
  }

  #end(producer: Producer, outcome: Exclude<Outcome, 'open'>): void {
    const { clock, groups, occurrences } = this.options;
    const { producerId } = producer;
    occurrences.add(outcome === 'committed' ? 'transactionCommitted' : 'transactionAborted');
    producer.stopTimeout?.();
    producer.stopTimeout = undefined;
    const markers = [
      ...[...producer.logs].map((log) => () => log.mark(producerId, outcome, clock.nowMs())),
      ...[...producer.groups].map((group) => () => groups.decide(group, producerId, outcome, clock.nowMs())),
    ];
    producer.logs.clear();
    producer.groups.clear();
    producer.ending = Promise.all(markers.map((write) => this.#soon(write))).then(() => {
      producer.ending = undefined;
    });
  }

  #soon(write: () => void): Promise<void> {
    const { scheduler, random, markerMaxMs, onChange } = this.options;
    return new Promise((resolve) => {
      scheduler.after(random.next() * markerMaxMs, () => {
        write();
        onChange();
        resolve();
      });
    });
  }
}

const identityOf = ({ transactionalId, producerId, epoch }: Producer): ProducerIdentity => ({
  transactionalId,
  producerId,
  epoch,
});
