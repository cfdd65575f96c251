import { rmSync, statSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import {
  StateCorruptedError,
  StateFullError,
  StateUnavailableError,
  type StateBackend,
  type StateIdentity,
  type StateProgress,
  type StateRow,
  type StateTable,
} from '../state-backend.js';
import type { Database, Statement } from './sqlite.js';
import { checksumOf, readHeader, type StateHeader, type TableEntry } from './state-header.js';

/**
 * A task's state in one SQLite file.
 *
 * One table per store and segment, `(k, v)` by key, and one row that tells whose state it is and how far (`state-header.ts`). Each value
 * begins with a CRC-32 of key and value, since SQLite itself checks no content. The journal is a write-ahead log with `synchronous=NORMAL`:
 * a killed process loses nothing that was committed, a machine without power at most the newest batches, and either leaves the state after
 * some batch, which is all that is promised: the changelog has the rest. The file is locked as long as it is open.
 */
const PAGE_ROWS = 256;
const CHECKSUM_BYTES = 4;
const APPLICATION_ID = 0x49534f42;
const FORMAT = 1;
const PAGE_CACHE_KB = 4_096;
/** 32 MB of log before its pages go into the file: a batch changes most pages of a hot table, and each is moved once for several batches. */
const LOG_PAGES = 8_192;

/** SQLite's primary result codes. */
const enum Code {
  Busy = 5,
  NoMemory = 7,
  ReadOnly = 8,
  InputOutput = 10,
  Corrupt = 11,
  Full = 13,
  CannotOpen = 14,
  NotADatabase = 26,
}

class FileTable implements StateTable {
  rows: number;
  readonly get: Statement;
  readonly put: Statement;
  readonly remove: Statement;
  readonly page: readonly [whole: Statement, below: Statement];

  constructor(
    database: Database,
    readonly id: number,
    readonly store: string,
    readonly segment: number,
    rows: number,
  ) {
    this.rows = rows;
    const name = `t${id}`;
    this.get = database.prepare(`SELECT v FROM ${name} WHERE k = ?`);
    this.put = database.prepare(`INSERT INTO ${name} VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`);
    this.remove = database.prepare(`DELETE FROM ${name} WHERE k = ?`);
    this.page = [
      database.prepare(`SELECT k, v FROM ${name} WHERE k >= ? ORDER BY k LIMIT ${PAGE_ROWS}`),
      database.prepare(`SELECT k, v FROM ${name} WHERE k >= ? AND k < ? ORDER BY k LIMIT ${PAGE_ROWS}`),
    ];
  }
}

/** A table as stores hold it: it keeps its name when a batch that made or dropped it is abandoned. */
interface Handle extends StateTable {
  file: FileTable | undefined;
}

export class SqliteBackend implements StateBackend {
  #progress: StateProgress | undefined;
  #handles: Handle[] = [];
  /** By the batch under way. */
  readonly #dropped = new Set<Handle>();
  #nextId = 1;
  #isInBatch = false;
  #isOpen = true;
  #saveHeader: Statement;

  /** @throws StateUnavailableError, StateCorruptedError (the file is deleted then), StateFullError */
  constructor(
    private readonly database: Database,
    private readonly path: string,
    private readonly identity: StateIdentity,
  ) {
    try {
      database.exec(
        `PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -${PAGE_CACHE_KB}; PRAGMA wal_autocheckpoint = ${LOG_PAGES};`,
      );
      if (database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
        database.exec(
          `BEGIN IMMEDIATE; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT};
           CREATE TABLE state (one INTEGER PRIMARY KEY CHECK (one = 1), header TEXT NOT NULL, checksum INTEGER NOT NULL); COMMIT;`,
        );
      } else {
        // Takes the lock, and moves what a killed process left in the log.
        database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
        if (this.#pragma('application_id') !== APPLICATION_ID) throw new UnusableState('it is not a state file');
        const format = Number(this.#pragma('user_version'));
        if (format !== FORMAT) throw new UnusableState(`its format is ${format}, known is ${FORMAT}`);
        this.#readHeader();
      }
      this.#saveHeader = database.prepare('INSERT OR REPLACE INTO state VALUES (1, ?, ?)');
    } catch (cause) {
      const failure = this.#failure(cause);
      this.#closeFile();
      throw failure;
    }
  }

  get progress(): StateProgress | undefined {
    return this.#progress;
  }

  get tables(): readonly StateTable[] {
    return this.#handles.filter((handle) => handle.file !== undefined);
  }

  get bytes(): number {
    let bytes = 0;
    for (const suffix of ['', '-wal']) bytes += statSync(this.path + suffix, { throwIfNoEntry: false })?.size ?? 0;
    return bytes;
  }

  table(store: string, segment: number): StateTable {
    return (
      this.#handles.find((handle) => handle.store === store && handle.segment === segment) ??
      this.#handle(store, segment)
    );
  }

  get(table: StateTable, key: Uint8Array): Uint8Array | undefined {
    const { file } = table as Handle;
    if (file === undefined) return undefined;
    try {
      const row = file.get.get(key) as { v: Uint8Array } | undefined;
      return row && this.#checked(key, row.v);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  *scan(table: StateTable, from = new Uint8Array(), to?: Uint8Array): Iterable<StateRow> {
    let next = from;
    for (;;) {
      const { file } = table as Handle;
      if (file === undefined) return;
      const rows = this.#page(file, next, to);
      for (const { k, v } of rows) yield { key: k, value: this.#checked(k, v) };
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE_ROWS) return;
      // The least key above it.
      next = new Uint8Array(last.k.length + 1);
      next.set(last.k);
    }
  }

  begin(): void {
    this.#do(() => this.database.exec('BEGIN IMMEDIATE'));
    this.#isInBatch = true;
  }

  put(table: StateTable, key: Uint8Array, value: Uint8Array, isNew: boolean): void {
    const handle = table as Handle;
    this.#do(() => {
      const file = (handle.file ??= this.#create(handle));
      const bytes = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
      bytes.writeUInt32BE(crc32(value, crc32(key)));
      bytes.set(value, CHECKSUM_BYTES);
      file.put.run(key, bytes);
      if (isNew) file.rows++;
    });
  }

  remove(table: StateTable, key: Uint8Array): void {
    const { file } = table as Handle;
    if (file === undefined) return;
    this.#do(() => file.remove.run(key));
    file.rows--;
  }

  drop(table: StateTable): void {
    const handle = table as Handle;
    const { file } = handle;
    if (file === undefined) return;
    this.#do(() => this.database.exec(`DROP TABLE t${file.id}`));
    handle.file = undefined;
    this.#dropped.add(handle);
  }

  commit(progress: StateProgress): void {
    const tables: TableEntry[] = [];
    for (const { file } of this.#handles) {
      if (file !== undefined) tables.push({ id: file.id, store: file.store, segment: file.segment, rows: file.rows });
    }
    const header: StateHeader = { ...this.identity, progress, tables };
    const text = JSON.stringify(header);
    this.#do(() => {
      this.#saveHeader.run(text, checksumOf(text));
      this.database.exec('COMMIT');
    });
    this.#isInBatch = false;
    this.#progress = progress;
    this.#handles = this.#handles.filter((handle) => !this.#dropped.has(handle));
    this.#dropped.clear();
  }

  abandon(): void {
    if (!this.#isInBatch) return;
    this.#isInBatch = false;
    this.#dropped.clear();
    try {
      this.database.exec('ROLLBACK');
    } catch {
      // SQLite has ended it by itself.
    }
    this.#do(() => this.#readHeader());
  }

  close(): void {
    if (!this.#isOpen) return;
    try {
      this.abandon();
    } catch {
      // The lock goes with the handle; what cannot be read is found out by the next who opens it.
    }
    this.#closeFile();
  }

  wipe(): void {
    this.#closeFile();
    deleteStateFile(this.path);
  }

  #closeFile(): void {
    if (this.#isOpen) this.database.close();
    this.#isOpen = false;
  }

  #handle(store: string, segment: number): Handle {
    const handle: Handle = {
      store,
      segment,
      file: undefined,
      get rows() {
        return this.file?.rows ?? 0;
      },
    };
    this.#handles.push(handle);
    return handle;
  }

  #create({ store, segment }: Handle): FileTable {
    const id = this.#nextId++;
    this.database.exec(`CREATE TABLE t${id} (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID`);
    return new FileTable(this.database, id, store, segment, 0);
  }

  /** Brings the tables to what the file holds; those that stores know already stay the same objects. */
  #readHeader(): void {
    const row = this.database.prepare('SELECT header, checksum FROM state').get();
    for (const handle of this.#handles) handle.file = undefined;
    if (row === undefined) return;
    const header = readHeader(row['header'], row['checksum'], this.identity);
    if (typeof header === 'string') throw new UnusableState(header);
    for (const { id, store, segment, rows } of header.tables) {
      (this.table(store, segment) as Handle).file = new FileTable(this.database, id, store, segment, rows);
      this.#nextId = Math.max(this.#nextId, id + 1);
    }
    this.#progress = header.progress;
  }

  #page(file: FileTable, from: Uint8Array, to: Uint8Array | undefined): readonly { k: Uint8Array; v: Uint8Array }[] {
    return this.#do(() => {
      const rows = to === undefined ? file.page[0].all(from) : file.page[1].all(from, to);
      return rows as unknown as readonly { k: Uint8Array; v: Uint8Array }[];
    });
  }

  #checked(key: Uint8Array, bytes: Uint8Array): Uint8Array {
    const value = bytes.subarray(CHECKSUM_BYTES);
    const checksum = bytes.length < CHECKSUM_BYTES ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (checksum === crc32(value, crc32(key))) return value;
    this.wipe();
    throw new StateCorruptedError(this.path);
  }

  #pragma(name: string): unknown {
    return this.database.prepare(`PRAGMA ${name}`).get()?.[name];
  }

  #do<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  #failure(cause: unknown): unknown {
    if (cause instanceof StateCorruptedError || cause instanceof UnusableState) return cause;
    switch (codeOf(cause)) {
      case Code.Full:
        return new StateFullError(this.path, { cause });
      case Code.Corrupt:
      case Code.NotADatabase:
        this.wipe();
        return new StateCorruptedError(this.path, { cause });
      case Code.Busy:
        return new StateUnavailableError(`another process uses the local state ${this.path}`, { cause });
      case Code.InputOutput:
      case Code.ReadOnly:
      case Code.CannotOpen:
      case Code.NoMemory:
        return new StateUnavailableError(`the local state ${this.path} cannot be used: ${String(cause)}`, { cause });
      default:
        return cause;
    }
  }
}

const codeOf = (cause: unknown): Code => Number((cause as { errcode?: unknown } | null)?.errcode ?? 0) & 0xff;

/** Whether another process has locked the file. */
export const isBusy = (cause: unknown): boolean => codeOf(cause) === Code.Busy;

/** The file is whole, but of no use to who opened it. */
export class UnusableState extends Error {
  override readonly name = 'UnusableState';
}

export function deleteStateFile(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(path + suffix, { force: true });
}
