import type { SqlType } from '../types/sql-type.js';
import type { DataSource } from './data-source.js';

/** An immutable snapshot of everything that has a name. Statements are validated against one and yield the next. */
export interface Catalog {
  readonly sources: ReadonlyMap<string, DataSource>;
  /** Custom types by upper-case name. */
  readonly types: ReadonlyMap<string, SqlType>;
  /** For each source the names of the sources that its query reads: DROP protection and `sourceConstraints`. */
  readonly readers: ReadonlyMap<string, readonly string[]>;
}

export const EMPTY_CATALOG: Catalog = { sources: new Map(), types: new Map(), readers: new Map() };
