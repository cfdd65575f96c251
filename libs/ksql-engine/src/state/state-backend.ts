/** Whose state it is. State of another application, task or schema is of no use. */
export interface StateIdentity {
  readonly applicationId: string;
  /** Tells the tasks of one query apart. */
  readonly taskId: string;
  /** Changes whenever stored bytes would mean something else: another plan, another layout of its stores. */
  readonly fingerprint: string;
}

/** How far one store is: what is true together with its rows. */
export interface StoreProgress {
  /** The changelog topic that `offset` is of; undefined when the broker does not tell. */
  readonly topicId: string | undefined;
  /** All changes before this offset of the changelog are in the rows; some after it may be. */
  readonly offset: number;
  /** The store's own observed time, ms; -1 before the first record. */
  readonly observedMs: number;
  /** The next sequence number of a join buffer; 0 in other stores. */
  readonly sequence: number;
}

export interface StateProgress {
  readonly stores: Readonly<Record<string, StoreProgress>>;
  /** By the wall clock, ms. */
  readonly writtenAtMs: number;
}

/** The rows of one segment of a store, which may be dropped as a whole; stores without windows have segment 0 alone. */
export interface StateTable {
  readonly store: string;
  readonly segment: number;
  readonly rows: number;
}

export interface StateRow {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Where the rows of a task's stores are kept when they are not, or not only, in memory: ordered bytes by table. It holds committed state
 * alone; whatever a crash leaves of it is the state after one of the batches that were committed, with the progress given there.
 *
 * Synchronous, and not to be shared: one task, one backend. Any method may throw `StateCorruptedError` (what was there is gone then, and
 * the next opening begins empty) or `StateFullError` (nothing of the batch is kept, and it may be tried again).
 */
export interface StateBackend {
  /** As of the last batch; undefined when nothing was ever committed. */
  readonly progress: StateProgress | undefined;
  readonly tables: readonly StateTable[];
  /** The table of a segment; it exists once something was put into it. */
  table(store: string, segment: number): StateTable;
  get(table: StateTable, key: Uint8Array): Uint8Array | undefined;
  /** Rows with a key from `from` on and below `to`, ascending by bytes; batches may be committed meanwhile. */
  scan(table: StateTable, from?: Uint8Array, to?: Uint8Array): Iterable<StateRow>;

  /** Nothing of a batch lasts before `commit`; it may be spread over many turns of the event loop. */
  begin(): void;
  /** `isNew`: there is no row of this key. */
  put(table: StateTable, key: Uint8Array, value: Uint8Array, isNew: boolean): void;
  /** Of a row that is there. */
  remove(table: StateTable, key: Uint8Array): void;
  /** At a cost that does not depend on the number of rows. */
  drop(table: StateTable): void;
  commit(progress: StateProgress): void;
  abandon(): void;

  /** What it takes on its medium. */
  readonly bytes: number;
  close(): void;
  /** Closes, and deletes everything. */
  wipe(): void;
}

/** The place of all tasks' states. */
export interface StateStorage {
  /**
   * `onDiscarded` is told why state that was found is not used (damaged, of another schema or format…); the backend is empty then.
   *
   * @throws StateUnavailableError
   */
  open(identity: StateIdentity, onDiscarded: (reason: string) => void): StateBackend;
  /** The application ids that have state here. */
  owners(): readonly string[];
  /** Deletes the states of all tasks of a query that ended for good. */
  forget(applicationId: string): void;
}

/** Stored bytes are not those that were written. */
export class StateCorruptedError extends Error {
  override readonly name = 'StateCorruptedError';
  constructor(place: string, options?: ErrorOptions) {
    super(`the local state ${place} is damaged and was deleted; it is restored from the changelog`, options);
  }
}

/** There is no room for what was to be written. */
export class StateFullError extends Error {
  override readonly name = 'StateFullError';
  constructor(place: string, options?: ErrorOptions) {
    super(`there is no room for the local state ${place}`, options);
  }
}

/** The folder cannot be written to, or another process uses the state. */
export class StateUnavailableError extends Error {
  override readonly name = 'StateUnavailableError';
}
