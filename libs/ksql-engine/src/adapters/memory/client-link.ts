import { BrokerUnavailableError } from '../../ports/broker.js';
import type { FaultKind, FaultPlan, Operation } from './fault-plan.js';
import type { MemoryCluster } from './memory-cluster.js';
import type { PartitionLog } from './partition-log.js';

const LATENCY_MAX_MS = 2;
/** How late a late request is at most, and how long a slow one takes: longer than a transaction may. */
const LATE_MAX_MS = 60_000;

/** A request while it is on its way. */
interface Journey<T> {
  readonly arrive: () => T | Promise<T>;
  readonly about: readonly PartitionLog[];
  readonly outcome: PromiseWithResolvers<T>;
}

/**
 * The way of one process to the cluster: each request takes time there, each answer back. Here requests and answers get lost, processes
 * are frozen and killed.
 */
export class ClientLink {
  #isStopped = false;
  /** What waits for the process to go on; undefined while it runs. */
  #frozen: (() => void)[] | undefined;

  constructor(
    private readonly cluster: MemoryCluster,
    private readonly faults: FaultPlan,
  ) {}

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** `arrive` is what the request does at the broker; `about` the partitions that it is about. */
  request<T>(operation: Operation, arrive: () => T | Promise<T>, about: readonly PartitionLog[] = []): Promise<T> {
    const journey: Journey<T> = { arrive, about, outcome: Promise.withResolvers<T>() };
    this.#go(() => {
      const fault = this.faults.next(operation);
      if (fault === undefined) this.#send(journey);
      else this.#faulty[fault](journey, operation);
    });
    return journey.outcome.promise;
  }

  /** The process is gone: nothing that it asks for is answered, or goes out, ever again. */
  stop(): void {
    this.#isStopped = true;
    this.cluster.occurrences.add('clientStopped');
  }

  /** The process stands still until `thaw`; what it sent before arrives. */
  freeze(): void {
    this.#frozen ??= [];
    this.cluster.occurrences.add('clientFrozen');
  }

  thaw(): void {
    const actions = this.#frozen ?? [];
    this.#frozen = undefined;
    for (const action of actions) action();
  }

  /** How each fault goes. */
  readonly #faulty: Readonly<Record<FaultKind, <T>(journey: Journey<T>, operation: Operation) => void>> = {
    requestLost: ({ outcome }, operation) => {
      this.cluster.occurrences.add('requestLost');
      this.#answer(() => outcome.reject(noAnswer(operation)));
    },
    answerLost: (journey, operation) => {
      this.cluster.occurrences.add('answerLost');
      const tell = (): void => this.#answer(() => journey.outcome.reject(noAnswer(operation)));
      this.#later(this.#latency, () => void this.#arrived(journey).then(tell, tell));
    },
    late: (journey, operation) => {
      this.cluster.occurrences.add('requestLate');
      this.#answer(() => journey.outcome.reject(noAnswer(operation)));
      this.#later(this.#random() * LATE_MAX_MS, () => void this.#arrived(journey).catch(() => undefined));
    },
    slow: (journey) => {
      this.#later(this.#random() * LATE_MAX_MS, () => this.#send(journey));
    },
    leaderMoves: (journey) => {
      const log = journey.about[Math.floor(this.#random() * journey.about.length)];
      if (log !== undefined) this.cluster.moveLeader(log);
      this.#send(journey);
    },
    stopsBefore: () => {
      this.stop();
    },
    stopsAfter: (journey) => {
      this.#send(journey);
      this.stop();
    },
  };

  #send<T>(journey: Journey<T>): void {
    const { outcome } = journey;
    this.#later(this.#latency, () => {
      void this.#arrived(journey).then(
        (answer) => this.#answer(() => outcome.resolve(answer)),
        (error: unknown) => this.#answer(() => outcome.reject(error)),
      );
    });
  }

  async #arrived<T>({ arrive }: Journey<T>): Promise<T> {
    return arrive();
  }

  #answer(action: () => void): void {
    this.#later(this.#latency, () => this.#go(action));
  }

  #go(action: () => void): void {
    if (this.#isStopped) return;
    if (this.#frozen === undefined) action();
    else this.#frozen.push(action);
  }

  #later(ms: number, action: () => void): void {
    this.cluster.options.scheduler.after(ms, action);
  }

  get #latency(): number {
    return this.#random() * (this.cluster.options.latencyMaxMs ?? LATENCY_MAX_MS);
  }

  #random(): number {
    return this.cluster.options.random.next();
  }
}

const noAnswer = (operation: Operation): Error =>
  new BrokerUnavailableError(`${operation}: the broker does not answer`);
