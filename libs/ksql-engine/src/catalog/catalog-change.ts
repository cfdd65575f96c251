import type { SqlType } from '../types/sql-type.js';
import type { Catalog } from './catalog.js';
import { withoutSource, withSource } from './catalog-edit.js';
import type { DataSource } from './data-source.js';

/** What one statement does to a catalog, as data. */
export interface CatalogChange {
  /** Sources that come, or are another from now on, with the names of the sources that their query reads. */
  readonly sources: readonly { readonly source: DataSource; readonly reads: readonly string[] }[];
  readonly dropped: readonly string[];
  readonly types: readonly { readonly name: string; readonly type: SqlType }[];
  readonly droppedTypes: readonly string[];
}

/** What makes the second snapshot of the first. */
export function changeBetween(before: Catalog, after: Catalog): CatalogChange {
  const changed = <T>(old: ReadonlyMap<string, T>, next: ReadonlyMap<string, T>): [string, T][] =>
    old === next ? [] : [...next].filter(([name, value]) => old.get(name) !== value);
  const gone = <T>(old: ReadonlyMap<string, T>, next: ReadonlyMap<string, T>): string[] =>
    old === next ? [] : [...old.keys()].filter((name) => !next.has(name));
  const readBy = (reader: string): string[] =>
    [...after.readers].filter(([, readers]) => readers.includes(reader)).map(([name]) => name);
  return {
    sources: changed(before.sources, after.sources).map(([name, source]) => ({ source, reads: readBy(name) })),
    dropped: gone(before.sources, after.sources),
    types: changed(before.types, after.types).map(([name, type]) => ({ name, type })),
    droppedTypes: gone(before.types, after.types),
  };
}

export function applyChange(catalog: Catalog, change: CatalogChange): Catalog {
  let next = catalog;
  for (const name of change.dropped) next = withoutSource(next, name);
  for (const { source, reads } of change.sources) next = withSource(next, source, reads);
  if (change.types.length === 0 && change.droppedTypes.length === 0) return next;
  const types = new Map(next.types);
  for (const name of change.droppedTypes) types.delete(name);
  for (const { name, type } of change.types) types.set(name, type);
  return { ...next, types };
}
