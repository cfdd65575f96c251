import { SchemaNotFoundError, type SchemaLookup, type StoredSchema } from '../../ports/schema-registry.js';
import type { SchemaTable } from '../../serde/schema-table.js';
import type { RegistryContents } from './registry-contents.js';

/** What planning asks and what serdes look up, answered by a registry in memory at once; what is planned is registered. */
export function lookupIn(contents: RegistryContents): SchemaLookup & SchemaTable {
  const orUndefined = (find: () => StoredSchema): StoredSchema | undefined => {
    try {
      return find();
    } catch (error) {
      if (error instanceof SchemaNotFoundError) return undefined;
      throw error;
    }
  };
  const byId = (id: number): StoredSchema | undefined => orUndefined(() => contents.byId(id));
  return {
    byId,
    latest: (subject) => orUndefined(() => contents.latest(subject).schema),
    registered: (subject, definition) => contents.register(subject, definition).schema,
    find: (id) => byId(id) ?? `the registry has no schema with id ${id}`,
  };
}
