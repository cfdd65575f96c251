import { createRequire } from 'node:module';
import type * as Sqlite from 'node:sqlite';

export type Database = Sqlite.DatabaseSync;
export type Statement = Sqlite.StatementSync;

/**
 * Node's SQLite, without the line that it is experimental; undefined where Node has none (before 22.13). Loaded when somebody wants it.
 */
export function loadSqlite(): typeof Sqlite.DatabaseSync | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return (createRequire(import.meta.url)('node:sqlite') as typeof Sqlite).DatabaseSync;
  } catch {
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
