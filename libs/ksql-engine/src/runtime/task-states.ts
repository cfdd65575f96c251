import type { Broker, TopicDescription } from '../ports/broker.js';
import { sleep, timers } from '../ports/scheduler.js';
import { CacheBudget } from '../state/cached/cache-budget.js';
import { TaskState, type ChangelogPlace } from '../state/cached/task-state.js';
import { reasonToDiscard } from '../state/cached/usable-progress.js';
import type { StateStorage } from '../state/state-backend.js';
import { changelogTopic } from './changelogs.js';
import { Turn } from './turns.js';

/** Where and how a query keeps its state when not in memory alone. */
export interface StateOptions {
  readonly storage: StateStorage;
  /** Bound of the write-back cache of all tasks of the query, bytes of heap. */
  readonly cacheBytes: number;
  /** See `StateIdentity`. */
  readonly fingerprint: string;
}

export interface TaskStatesOptions extends StateOptions {
  readonly broker: Pick<Broker, 'bounds'>;
  readonly applicationId: string;
  /** The names of the stores that have a changelog. */
  readonly stores: readonly string[];
  readonly tasks: number;
  /** What topics there are, the changelogs among them. */
  readonly topics: ReadonlyMap<string, TopicDescription>;
  /** Whether the query has committed before: only then what is stored belongs to something. */
  readonly hasCommitted: boolean;
  readonly nowMs: number;
  /** Why what was stored is not used; all of it is read from the changelogs then. */
  onDiscarded(reason: string): void;
}

/** Of one changelog, by partition. */
type Bounds = Awaited<ReturnType<Broker['bounds']>>;
/** Of each store of one task. */
type Places = ReadonlyMap<string, ChangelogPlace>;

/** How long the end of a query waits for what it has not written yet; the changelogs have it all. */
const LAST_WRITE_MS = 1_000;

/**
 * The states of a query's tasks on their medium, for one run of it.
 *
 * What is written is always true of some commit: the places in the changelogs are asked for *before* a commit and belong to the rows
 * right behind it. That this commit took place proves that no other server had taken over until then, so everything before these places is
 * our own and in the rows. Asked for afterwards they could count what a successor has written, of which these rows know nothing.
 */
export class TaskStates {
  readonly #writing = new Set<Promise<void>>();
  #failure: unknown;
  #isClosed = false;

  private constructor(
    readonly all: readonly TaskState[],
    private readonly options: TaskStatesOptions,
  ) {}

  /**
   * Opens the state of each task; what the changelogs cannot bring up to date is deleted, and said.
   * @throws StateUnavailableError, StateFullError
   */
  static async open(options: TaskStatesOptions): Promise<TaskStates> {
    const { storage, applicationId, fingerprint, tasks, onDiscarded, nowMs } = options;
    const bounds = await boundsOf(options);
    const budget = new CacheBudget(options.cacheBytes);
    const states: TaskState[] = [];
    try {
      for (let task = 0; task < tasks; task++) {
        const identity = { applicationId, taskId: `0_${task}`, fingerprint };
        let backend = storage.open(identity, (reason) => onDiscarded(`${reason}; it is restored from the changelogs`));
        const reason =
          backend.progress &&
          (options.hasCommitted
            ? reasonToDiscard(backend.progress, factsOf(options, bounds, task), nowMs)
            : 'the query has committed nothing that it could belong to');
        if (reason !== undefined) {
          onDiscarded(
            `the local state of task ${identity.taskId} is not used: ${reason}; it is restored from the changelogs`,
          );
          backend.wipe();
          backend = storage.open(identity, () => undefined);
        }
        states.push(new TaskState(backend, budget));
      }
    } catch (cause) {
      for (const state of states) state.close();
      throw cause;
    }
    return new TaskStates(states, options);
  }

  /** The offset in its changelog from which a store of a task is to be brought up to date; undefined: from the first. */
  restoredTo(task: number, store: string): number | undefined {
    return this.all[task]?.progress?.stores[store]?.offset;
  }

  /** On their medium, bytes. */
  get storedBytes(): number {
    return this.#isClosed ? 0 : this.all.reduce((sum, state) => sum + state.storedBytes, 0);
  }

  /** Something is committed that is not on the medium yet. */
  get hasUnwritten(): boolean {
    return this.all.some((state) => state.unwrittenBytes > 0);
  }

  /** So much waits that nothing more is to be processed before some of it is written. */
  get isFull(): boolean {
    return this.all.some((state) => state.isFull);
  }

  /** @throws what writing has failed with */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** The places that the next commit's `committed` is to be told; undefined when nothing is to be written behind it. */
  async placesBeforeCommit(nowMs: number, isLast: boolean): Promise<readonly Places[] | undefined> {
    if (isLast && this.#failure !== undefined) return undefined;
    this.check();
    if (!isLast && !this.all.some((state) => state.isWriteDue(nowMs))) return undefined;
    const bounds = await boundsOf(this.options);
    return this.all.map((_, task) => factsOf(this.options, bounds, task));
  }

  /** Everything that the stores told of is committed. Begins to write it, with the places that were asked for before that commit. */
  committed(places: readonly Places[] | undefined, nowMs: number): void {
    this.all.forEach((state, task) => {
      state.committed();
      const of = places?.[task];
      if (of !== undefined) this.#begin(state.write(of, nowMs));
    });
  }

  /** Writes what was restored so far, at these places of a task's changelogs. It is written when this is over. */
  async write(task: number, places: Places, nowMs: number): Promise<void> {
    const state = this.all[task];
    if (state !== undefined) await this.#drive(state.write(places, nowMs));
  }

  /** Until what is being written is written. @throws what it failed with */
  async written(): Promise<void> {
    await Promise.all(this.#writing);
    this.check();
  }

  /** What is being written has a moment to end; the rest is read from the changelogs by the next start. */
  async close(): Promise<void> {
    if (this.#writing.size > 0) {
      const end = new AbortController();
      const patience = sleep(timers, LAST_WRITE_MS, end.signal);
      await Promise.race([Promise.all(this.#writing), patience]);
      end.abort();
    }
    this.#isClosed = true;
    for (const state of this.all) state.close();
  }

  #begin(work: Iterable<void>): void {
    const writing = this.#drive(work)
      .catch((cause: unknown) => {
        this.#failure ??= cause;
      })
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** In turns: what is processed meanwhile goes into the next batch. */
  async #drive(work: Iterable<void>): Promise<void> {
    const turn = new Turn();
    for (const _ of work) {
      if (turn.isOver) await turn.next();
      if (this.#isClosed) return;
    }
  }
}

async function boundsOf({ stores, broker, applicationId }: TaskStatesOptions): Promise<ReadonlyMap<string, Bounds>> {
  const topics = stores.map((store) => changelogTopic(applicationId, store));
  const all = await Promise.all(topics.map((topic) => broker.bounds(topic)));
  return new Map(stores.map((store, at) => [store, all[at] as Bounds]));
}

/** A task's changelogs by store. `offset`: the end. */
function factsOf(
  { applicationId, stores, topics }: TaskStatesOptions,
  bounds: ReadonlyMap<string, Bounds>,
  task: number,
) {
  return new Map(
    stores.map((store) => {
      const { start, end } = bounds.get(store)?.find(({ partition }) => partition === task) ?? { start: 0, end: 0 };
      const topicId = topics.get(changelogTopic(applicationId, store))?.id;
      return [store, { topicId, start, end, offset: end }];
    }),
  );
}
