import type { SqlType } from '../types/sql-type.js';

/** `headers`: the whole list; `header`: the newest value of one header. Header columns stand among the value columns. */
export interface Column {
  readonly name: string;
  readonly type: SqlType;
  readonly header?: { readonly kind: 'all' } | { readonly kind: 'one'; readonly key: string };
}

/** Key columns first, then value columns; rows of a record follow this order (record.key, record.value). */
export interface Schema {
  readonly key: readonly Column[];
  readonly value: readonly Column[];
}

/** Names that no declared column may bear; they are filled from the record itself. */
export const PSEUDO_COLUMNS = ['ROWTIME', 'ROWPARTITION', 'ROWOFFSET'] as const;
export const WINDOW_BOUNDS = ['WINDOWSTART', 'WINDOWEND'] as const;
export type PseudoColumn = (typeof PSEUDO_COLUMNS)[number] | (typeof WINDOW_BOUNDS)[number];
