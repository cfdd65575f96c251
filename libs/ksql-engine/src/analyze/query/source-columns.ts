import type { DataSource } from '../../catalog/data-source.js';
import { isSystemColumn, isWindowBound, systemColumnType } from '../../catalog/system-columns.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { Scope, ScopeEntry } from '../scope.js';
import type { SourceUse } from './qualified-query.js';

/** Where a column of a source stands in the source's records; undefined when there is no such column. */
export function sourceColumn(source: DataSource, name: string): ScopeEntry | undefined {
  const keyIndex = source.schema.key.findIndex((column) => column.name === name);
  const key = source.schema.key[keyIndex];
  if (key !== undefined) return { kind: 'keyColumn', index: keyIndex, name, type: key.type };
  const valueIndex = source.schema.value.findIndex((column) => column.name === name);
  const value = source.schema.value[valueIndex];
  if (value !== undefined) return { kind: 'valueColumn', index: valueIndex, name, type: value.type };
  if (isSystemColumn(name) && (!isWindowBound(name) || source.topic.window !== undefined)) {
    return { kind: 'pseudoColumn', name, type: systemColumnType(name) };
  }
  return undefined;
}

/** Names of a qualified query, for types only: the indexes are those within each source. */
export class SourcesScope implements Scope {
  constructor(private readonly sources: readonly SourceUse[]) {}

  resolve(name: string, source: string | undefined): ScopeEntry {
    for (const use of this.sources) {
      if (source !== undefined && use.alias !== source) continue;
      const entry = sourceColumn(use.source, name);
      if (entry !== undefined) return entry;
    }
    throw new KsqlError(`Unknown column ${name}.`);
  }
}
