import { BIGINT, INTEGER, type SqlType } from '../types/sql-type.js';
import { PSEUDO_COLUMNS, WINDOW_BOUNDS, type PseudoColumn } from './schema.js';

const SYSTEM_COLUMNS: ReadonlySet<string> = new Set([...PSEUDO_COLUMNS, ...WINDOW_BOUNDS]);
const BOUNDS: ReadonlySet<string> = new Set(WINDOW_BOUNDS);

/** ROWTIME, ROWPARTITION, ROWOFFSET, WINDOWSTART, WINDOWEND: names that no declared column may bear. */
export function isSystemColumn(name: string): name is PseudoColumn {
  return SYSTEM_COLUMNS.has(name);
}

export function isWindowBound(name: string): name is 'WINDOWSTART' | 'WINDOWEND' {
  return BOUNDS.has(name);
}

export function systemColumnType(name: PseudoColumn): SqlType {
  return name === 'ROWPARTITION' ? INTEGER : BIGINT;
}
