import type { PseudoColumn } from '../catalog/schema.js';
import type { SqlType } from '../types/sql-type.js';

/** What a name means: where its value stands in the record that an operator sees. */
export type ScopeEntry =
  | { readonly kind: 'keyColumn'; readonly index: number; readonly name: string; readonly type: SqlType }
  | { readonly kind: 'valueColumn'; readonly index: number; readonly name: string; readonly type: SqlType }
  | { readonly kind: 'pseudoColumn'; readonly name: PseudoColumn; readonly type: SqlType };

/** Resolves names for the binding of one expression. Throws the user's error for unknown or ambiguous names. */
export interface Scope {
  /** @throws KsqlError when the name is unknown or ambiguous */
  resolve(name: string, source: string | undefined): ScopeEntry;
}
