import type { RegisteredSchema } from '../ports/schema-registry.js';

/**
 * The schemas of all ids that records bear, known before a batch is pushed, so that reading never waits. Who fetches records fills it
 * (admission); a serde compiles what it needs of one per id. An id never changes its meaning, so nothing is ever replaced.
 */
export interface SchemaTable {
  /** The schema, or why there is none (a sentence that names the id); undefined for an id that nobody has asked for yet. */
  find(id: number): RegisteredSchema | string | undefined;
}

/** A table that grows. */
export class GrowingSchemaTable implements SchemaTable {
  readonly #byId = new Map<number, RegisteredSchema | string>();

  find(id: number): RegisteredSchema | string | undefined {
    return this.#byId.get(id);
  }

  /** @param schema or why the id has none */
  add(id: number, schema: RegisteredSchema | string): void {
    this.#byId.set(id, schema);
  }
}

export const NO_SCHEMAS: SchemaTable = { find: () => undefined };
