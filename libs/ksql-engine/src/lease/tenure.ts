import { WriterFencedError, type Broker, type TransactionalWriter, type WriteRecord } from '../ports/broker.js';
import type { Clock } from '../ports/ports.js';
import type { LeaseTopic, Server } from './lease-topic.js';

/** This server does not own the service id any more: nothing that it did as its owner may be committed. */
export class TenureOverError extends Error {
  override readonly name = 'TenureOverError';
}

export interface TenureOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly lease: LeaseTopic;
  readonly server: Server;
  /** Another one for each tenure of a process. */
  readonly term: number;
  /** All ids that this owner writes transactions under, but that of the lease. */
  readonly transactionalIds: readonly string[];
  /** Those of the last owner, as its last claim has them; asked for once none of it can be committed any more. */
  earlierIds(): Promise<readonly string[]>;
}

/*
 * Why no commit of an earlier owner can succeed once a later one has read where things stand, whatever clocks say and however long anybody
 * sleeps. An owner
 *
 *   1. opens the writer of the lease, which fences that of every earlier owner,
 *   2. opens the writers of all ids that it commits under, and of all that the last claim names, which fences those of every earlier owner
 *      and ends their transactions,
 *   3. commits its claim, which names its ids, with the writer of step 1, and only then reads positions and state.
 *
 * Say that B has committed its claim. Any writer of an earlier owner A which was open at step 2 of B is fenced: A used no id before a claim
 * that names it was committed (`confirm`, before a writer is opened), and after step 1 of B no claim of A is. One that A opens later, since a
 * commit of its own failed, is used by A only after it has committed with its writer of the lease once more (`confirm`, after it was opened),
 * and that was fenced in step 1. So it is never used. Owners before A have no writer either: A has ended theirs, or never committed a claim.
 *
 * It makes no difference on which thread a writer is opened, with which client, or who is in the middle of what: the brokers give all of
 * this its order.
 */
/** The time for which this server owns its service id. What it ends with is told to whoever commits in it: nobody does any more. */
export class Tenure implements Pick<Broker, 'openWriter'> {
  readonly #ids: Set<string>;
  readonly #over = Promise.withResolvers<Error>();
  #cause: Error | undefined;
  #confirming: Promise<void> = Promise.resolve();
  #nextConfirming: Promise<void> | undefined;
  #isReleasing = false;

  private constructor(
    private readonly options: TenureOptions,
    private readonly leaseWriter: TransactionalWriter,
    /** Those of the claim that nobody has asked for yet. */
    private readonly opened: Map<string, TransactionalWriter>,
  ) {
    this.#ids = new Set(options.transactionalIds);
  }

  /**
   * Takes the service id over from whoever has it. To be called when nobody lives who does, or else it takes it from one that does its work.
   * @throws WriterFencedError when another server is about to claim it, too, and was later
   */
  static async claim(options: TenureOptions): Promise<Tenure> {
    const { broker, lease, transactionalIds } = options;
    const leaseWriter = await broker.openWriter(lease.transactionalId);
    const opened = new Map<string, TransactionalWriter>();
    try {
      const ids = new Set([...transactionalIds, ...(await options.earlierIds())]);
      const opening = [...ids].map(async (id) => void opened.set(id, await broker.openWriter(id)));
      for (const outcome of await Promise.allSettled(opening)) if (outcome.status === 'rejected') throw outcome.reason;
      await leaseWriter.commit([recordOf('claim', options, transactionalIds)], []);
      for (const id of ids) if (!transactionalIds.includes(id)) closeQuietly(opened, id);
    } catch (error) {
      await Promise.all([leaseWriter, ...opened.values()].map((writer) => writer.close()));
      throw error;
    }
    return new Tenure(options, leaseWriter, opened);
  }

  get isOver(): boolean {
    return this.#cause !== undefined;
  }
  /** Settled with what ended it. */
  get over(): Promise<Error> {
    return this.#over.promise;
  }

  /** A writer that is fenced with all others of this tenure, and ends it when it is. @throws TenureOverError */
  async openWriter(transactionalId: string): Promise<TransactionalWriter> {
    this.requireNotOver();
    const known = this.opened.get(transactionalId);
    if (known !== undefined) {
      this.opened.delete(transactionalId);
      return owned(known, this);
    }
    this.#ids.add(transactionalId);
    return openOwned(transactionalId, this.options.broker, this);
  }

  /**
   * Writers of these ids are opened elsewhere from now on, each between two calls of `confirm`: the first lets every later owner know of the
   * id, the second says that none had begun before the writer was open.
   */
  delegate(transactionalIds: readonly string[]): void {
    for (const id of transactionalIds) {
      this.#ids.add(id);
      closeQuietly(this.opened, id);
    }
  }

  /** Settles when this server still owned the service id after the call. @throws TenureOverError */
  async confirm(): Promise<void> {
    this.requireNotOver();
    if (this.#isReleasing) throw new TenureOverError('this server is about to release its lease');
    this.#nextConfirming ??= this.#confirming
      .catch(() => undefined)
      .then(() => {
        this.#nextConfirming = undefined;
        this.#confirming = this.#confirm();
        return this.#confirming;
      });
    await this.#nextConfirming;
  }

  /** Tells the others that they need not wait, and ends. */
  async release(): Promise<void> {
    this.#isReleasing = true;
    // One transaction at a time: a release in the middle of a claim would make both fail, and the others wait for a silence.
    await (this.#nextConfirming ?? this.#confirming).catch(() => undefined);
    if (this.isOver) return;
    try {
      await this.leaseWriter.commit([recordOf('released', this.options, [...this.#ids])], []);
    } finally {
      this.end(new TenureOverError('this server has released its lease'));
    }
  }

  end(cause: Error): void {
    if (this.isOver) return;
    this.#cause = cause;
    this.#over.resolve(cause);
    for (const writer of [this.leaseWriter, ...this.opened.values()]) void writer.close().catch(() => undefined);
  }

  async #confirm(): Promise<void> {
    this.requireNotOver();
    try {
      await this.leaseWriter.commit([recordOf('claim', this.options, [...this.#ids])], []);
    } catch (error) {
      // Whatever it is, the writer is of no more use, and another one would be a new claim.
      this.end(error as Error);
    }
    this.requireNotOver();
  }

  /** @throws TenureOverError */
  requireNotOver(): void {
    const { message } = this.#cause ?? {};
    if (message === undefined) return;
    throw new TenureOverError(`this server does not own its service id any more: ${message}`, { cause: this.#cause });
  }
}

const recordOf = (
  kind: 'claim' | 'released',
  { lease, server, term, clock }: TenureOptions,
  transactionalIds: readonly string[],
): WriteRecord => lease.record({ kind, server, term, transactionalIds }, clock.nowMs());

function closeQuietly(opened: Map<string, TransactionalWriter>, id: string): void {
  void opened
    .get(id)
    ?.close()
    .catch(() => undefined);
  opened.delete(id);
}

/** A tenure as those see it who commit in it, here or on another thread. */
export type TenureView = Pick<Tenure, 'confirm' | 'end' | 'requireNotOver'>;

/** Opens a writer of a tenure by any client. Its id is one that the tenure's claim names from the first `confirm` on. */
export async function openOwned(
  transactionalId: string,
  broker: Pick<Broker, 'openWriter'>,
  tenure: TenureView,
): Promise<TransactionalWriter> {
  // Else a server that sleeps here fences the writer of a later owner.
  await tenure.confirm();
  const writer = await broker.openWriter(transactionalId);
  try {
    await tenure.confirm();
  } catch (error) {
    await writer.close();
    throw error;
  }
  return owned(writer, tenure);
}

function owned(writer: TransactionalWriter, tenure: Omit<TenureView, 'confirm'>): TransactionalWriter {
  return {
    commit: async (...what) => {
      tenure.requireNotOver();
      try {
        await writer.commit(...what);
      } catch (error) {
        if (error instanceof WriterFencedError) tenure.end(error);
        throw error;
      }
    },
    close: () => writer.close(),
  };
}
