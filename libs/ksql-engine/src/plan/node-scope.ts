import type { Scope, ScopeEntry } from '../analyze/scope.js';
import type { Schema } from '../catalog/schema.js';
import { isSystemColumn, isWindowBound, systemColumnType } from '../catalog/system-columns.js';
import { KsqlError } from '../errors/sql-error.js';

/**
 * Names as the records that leave one plan node have them. A name in the value wins over the same name in the key: after a
 * join the value holds what each side gave, the key only what they met on.
 */
export class NodeScope implements Scope {
  private readonly entries = new Map<string, ScopeEntry>();

  constructor(
    schema: Schema,
    private readonly isWindowed: boolean,
  ) {
    schema.key.forEach(({ name, type }, index) => this.entries.set(name, { kind: 'keyColumn', index, name, type }));
    schema.value.forEach(({ name, type }, index) => this.entries.set(name, { kind: 'valueColumn', index, name, type }));
  }

  resolve(name: string, source: string | undefined): ScopeEntry {
    const entry = source === undefined ? this.entries.get(name) : undefined;
    if (entry !== undefined) return entry;
    if (source === undefined && isSystemColumn(name) && (this.isWindowed || !isWindowBound(name))) {
      return { kind: 'pseudoColumn', name, type: systemColumnType(name) };
    }
    throw new KsqlError(`Unknown column ${source === undefined ? name : `${source}.${name}`}.`);
  }
}
