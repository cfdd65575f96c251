import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type Database } from './sqlite.js';

/** `ISOB` in the header of the file: it is one of ours. */
const applicationId = 0x49534f42;
const version = 1;

/**
 * | column    | holds                                                        |
 * | --------- | ------------------------------------------------------------ |
 * | `id`      | the order                                                    |
 * | `bytes`   | size of `records`                                            |
 * | `crc`     | CRC-32 of `records`                                          |
 * | `records` | one record a line (`record-lines.ts`), all of the same topic |
 */
const schema = `CREATE TABLE chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  crc INTEGER NOT NULL,
  records BLOB NOT NULL
) STRICT`;

const fileName = 'records.db';

/** What SQLite says of a file that it cannot go on with: damaged, or no database. */
const damageCodes = new Set([11, 26]);
/** A file of somebody else, or of a later version of ours: no damage, and not ours to touch. */
class ForeignFileError extends Error {
  override readonly name = 'ForeignFileError';
}

/** Whether the file is of no use, rather than the disk or its rights. */
export const isDamage = (error: unknown): boolean =>
  error instanceof ForeignFileError || damageCodes.has(Number(property(error, 'errcode')) & 0xff);

/** No room on the disk. */
export const isNoRoom = (error: unknown): boolean =>
  (Number(property(error, 'errcode')) & 0xff) === 13 || property(error, 'code') === 'ENOSPC';

const property = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null && name in error ? (error as Record<string, unknown>)[name] : undefined;

/**
 * Opens the file of a folder, or makes it. One process has it at a time. What was committed outlives a kill of the process; a power
 * failure may cost the last commits, never the file.
 *
 * @throws what is wrong with the folder, the disk or the file
 */
export function openQueueFile(folder: string): Database {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, fileName), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    const found = numberOf(database, 'application_id');
    const isNew = found === 0 && numberOf(database, 'schema_version') === 0;
    if (!isNew && found !== applicationId) throw new ForeignFileError('it is not a queue of records');
    if (!isNew && numberOf(database, 'user_version') !== version)
      throw new ForeignFileError(`it is of version ${numberOf(database, 'user_version')}; this one reads ${version}`);
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 1048576');
    if (isNew)
      database.exec(
        `BEGIN IMMEDIATE; ${schema}; CREATE INDEX chunk_by_topic ON chunk (topic, id);
         PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${version}; COMMIT`,
      );
    else if (database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'] !== 'ok')
      throw new ForeignFileError('it is damaged');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Puts the file away under another name, for people to look at. @returns that name */
export function setFileAside(folder: string, atMs: number): string {
  const file = join(folder, fileName);
  const aside = join(folder, `set-aside-${new Date(atMs).toISOString().replaceAll(':', '-')}-${fileName}`);
  renameSync(file, aside);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(`${file}${suffix}`)) renameSync(`${file}${suffix}`, `${aside}${suffix}`);
    rmSync(`${file}${suffix}`, { force: true });
  }
  return aside;
}

const numberOf = (database: Database, pragma: string): number =>
  Number(database.prepare(`PRAGMA ${pragma}`).get()?.[pragma]);
