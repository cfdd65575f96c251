import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Log } from '../log.js';
import { importOldQueue } from './import-old-queue.js';
import type { OutgoingRecord } from './outgoing-record.js';
import { isDamage, isNoRoom, openQueueFile, setFileAside } from './queue-file.js';
import { fromLines, toLines } from './record-lines.js';
import type { Database } from './sqlite.js';

/** Chunks to send, as records. */
interface NextChunks {
  readonly records: readonly OutgoingRecord[];
  readonly lastChunk: number;
}

interface TopicState {
  /** The last chunk that is being sent or was. */
  taken: number;
  last: number;
}

const openAgainMs = 1_000;

/**
 * Records that wait on disk, per topic first in, first out, within a limit for all; they outlive a kill of the process. A chunk is deleted
 * after its delivery, so a crash in between delivers some records again and never loses one.
 *
 * Nothing here throws: a file that cannot be read is put aside under another name and counted; while there is no room, or the folder cannot
 * be written, nothing is taken and `trouble` says why.
 */
export class DiskQueue {
  private database: Database | undefined;
  private readonly states = new Map<string, TopicState>();
  private pending = 0;
  private asideCount = 0;
  private failure: string | undefined;
  private triedAtMs = Number.NEGATIVE_INFINITY;
  private isClosed = false;
  /** Delivered, but not yet deleted: there was no room for the note of it. */
  private readonly undeleted = new Map<string, number>();

  constructor(
    private readonly folder: string,
    private readonly limitBytes: number,
    private readonly log: Log,
    private readonly nowMs: () => number = Date.now,
  ) {
    this.opened();
  }

  /** Bytes that are not delivered yet. */
  get pendingBytes(): number {
    return this.pending;
  }

  /** Files and chunks that could not be read and were put aside. */
  get setAsideCount(): number {
    return this.asideCount;
  }

  /** Why nothing can be written, or undefined. */
  get trouble(): string | undefined {
    return this.failure;
  }

  /** Those that an earlier process left records of. */
  topics(): readonly string[] {
    return [...this.states.keys()];
  }

  hasUntaken(topic: string): boolean {
    const state = this.states.get(topic);
    return state !== undefined && state.taken < state.last;
  }

  /**
   * Adds records of one topic, all or none.
   *
   * @returns the number of the chunk; undefined when it would exceed the limit or cannot be written
   */
  append(topic: string, records: readonly OutgoingRecord[], isLimitless = false): number | undefined {
    const lines = toLines(records);
    if (!isLimitless && this.pending + lines.length > this.limitBytes) return undefined;
    return this.attempt((database) => {
      const { lastInsertRowid } = database
        .prepare('INSERT INTO chunk (topic, bytes, crc, records) VALUES (?, ?, ?, ?)')
        .run(topic, lines.length, crc32(lines), lines);
      const chunk = Number(lastInsertRowid);
      this.pending += lines.length;
      const state = this.states.get(topic);
      if (state === undefined) this.states.set(topic, { taken: chunk - 1, last: chunk });
      else state.last = chunk;
      return chunk;
    });
  }

  /** The next chunks, as many as fit into `bytesMax` but at least one. They stay in the queue until `delivered`. */
  next(topic: string, bytesMax: number): NextChunks | undefined {
    const state = this.states.get(topic);
    if (state === undefined) return undefined;
    return this.attempt((database) => {
      const rows = database
        .prepare('SELECT id, bytes, crc, records FROM chunk WHERE topic = ? AND id > ? ORDER BY id LIMIT 100')
        .all(topic, state.taken);
      const records: OutgoingRecord[] = [];
      let bytes = 0;
      for (const row of rows) {
        bytes += Number(row['bytes']);
        if (records.length > 0 && bytes > bytesMax) break;
        state.taken = Number(row['id']);
        records.push(...this.readChunk(database, state.taken, row['records'], Number(row['crc'])));
      }
      if (rows.length === 0) state.taken = state.last;
      return records.length === 0 ? undefined : { records, lastChunk: state.taken };
    });
  }

  /** Notes that everything up to a chunk is being sent. */
  take(topic: string, chunk: number): void {
    const state = this.states.get(topic);
    if (state !== undefined) state.taken = Math.max(state.taken, chunk);
  }

  /** Everything of the topic up to this chunk is delivered. */
  delivered(topic: string, chunk: number): void {
    this.undeleted.set(topic, chunk);
    this.attempt((database) => {
      for (const [of, upTo] of this.undeleted) {
        const { bytes } = database
          .prepare('SELECT sum(bytes) AS bytes FROM chunk WHERE topic = ? AND id <= ?')
          .get(of, upTo) ?? { bytes: 0 };
        database.prepare('DELETE FROM chunk WHERE topic = ? AND id <= ?').run(of, upTo);
        this.pending -= Number(bytes ?? 0);
        this.undeleted.delete(of);
      }
      // The room that a long absence took is given back.
      if (this.pending === 0 && Number(database.prepare('PRAGMA page_count').get()?.['page_count']) > 256)
        database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    });
  }

  close(): void {
    this.isClosed = true;
    this.database?.close();
    this.database = undefined;
  }

  private readChunk(database: Database, id: number, stored: unknown, crc: number): readonly OutgoingRecord[] {
    const bytes =
      stored instanceof Uint8Array || ArrayBuffer.isView(stored) ? Buffer.from(stored as Uint8Array) : Buffer.alloc(0);
    try {
      if (crc32(bytes) !== crc) throw new Error('its checksum is wrong');
      return fromLines(bytes);
    } catch (error) {
      const file = join(this.folder, `set-aside-chunk-${id}.ndjson`);
      writeFileSync(file, bytes);
      this.asideCount += 1;
      this.pending -= bytes.length;
      database.prepare('DELETE FROM chunk WHERE id = ?').run(id);
      this.log.error({ err: error, file, bytes: bytes.length }, 'records that waited cannot be read; put aside');
      return [];
    }
  }

  /** Does something with the file; what goes wrong is said, and undefined returned. */
  private attempt<Result>(work: (database: Database) => Result): Result | undefined {
    const database = this.opened();
    if (database === undefined) return undefined;
    try {
      const result = work(database);
      if (this.failure !== undefined) this.log.info({ folder: this.folder }, 'records can wait on disk again');
      this.failure = undefined;
      return result;
    } catch (error) {
      this.failed(error);
      return undefined;
    }
  }

  private opened(): Database | undefined {
    if (this.database !== undefined || this.isClosed) return this.database;
    if (this.nowMs() - this.triedAtMs < openAgainMs) return undefined;
    this.triedAtMs = this.nowMs();
    for (let attempt = 1; attempt <= 2 && this.database === undefined; attempt += 1) {
      try {
        this.database = openQueueFile(this.folder);
        this.look(this.database);
      } catch (error) {
        this.failed(error);
      }
    }
    return this.database;
  }

  /** What an earlier process left. */
  private look(database: Database): void {
    importOldQueue(this.folder, database, this.log);
    this.states.clear();
    this.pending = 0;
    const rows = database
      .prepare('SELECT topic, min(id) AS first, max(id) AS last, sum(bytes) AS bytes FROM chunk GROUP BY topic')
      .all();
    for (const row of rows) {
      this.states.set(String(row['topic']), { taken: Number(row['first']) - 1, last: Number(row['last']) });
      this.pending += Number(row['bytes']);
    }
    this.failure = undefined;
    if (this.pending > 0)
      this.log.info({ folder: this.folder, bytes: this.pending }, 'records of an earlier run wait for the broker');
  }

  private failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const { folder } = this;
    if (isDamage(error)) {
      this.database?.close();
      this.database = undefined;
      this.states.clear();
      try {
        const file = setFileAside(folder, this.nowMs());
        this.asideCount += 1;
        this.log.error(
          { err: error, file, bytes: this.pending },
          'the records that waited on disk cannot be read; put aside',
        );
        this.pending = 0;
        this.triedAtMs = Number.NEGATIVE_INFINITY;
        return;
      } catch (renameError) {
        this.log.error({ err: renameError, folder }, 'the file of waiting records can be neither read nor put aside');
      }
    }
    const isNews = this.failure === undefined;
    this.failure = isNoRoom(error) ? `no room on the disk of ${folder}` : `records cannot wait in ${folder}: ${reason}`;
    if (isNews) this.log.warn({ err: error, folder }, 'records cannot wait on disk; memory alone holds them');
  }
}
