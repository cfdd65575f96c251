import {
  SchemaNotFoundError,
  type ResolvedReference,
  type SchemaDefinition,
  type SchemaLookup,
  type SchemaRegistry,
  type StoredSchema,
} from '../ports/schema-registry.js';

type Question = (registry: SchemaRegistry) => Promise<void>;

/** Planning needs to know something first; who may wait answers by `SchemaFacts.learn` and plans again. */
class SchemaUnknown extends Error {
  constructor(readonly question: Question) {
    super('a schema is to be looked up before this can be planned');
  }
}

/** A registered schema has an id above zero. */
const NOT_REGISTERED_YET = 0;

/**
 * What the registry was found to hold while one request is planned. `only looks`: what would be registered is taken for registered, under
 * the id 0, so that later statements of the request see it; else it is.
 */
export class SchemaFacts implements SchemaLookup {
  readonly #byId = new Map<number, StoredSchema | undefined>();
  readonly #latest = new Map<string, StoredSchema | undefined>();
  readonly #registered = new Map<string, StoredSchema>();

  constructor(private readonly effect: 'only looks' | 'registers') {}

  byId(id: number): StoredSchema | undefined {
    if (!this.#byId.has(id)) {
      throw new SchemaUnknown(async (registry) => {
        this.#byId.set(id, await orUndefined(registry.byId(id)));
      });
    }
    return this.#byId.get(id);
  }

  latest(subject: string): StoredSchema | undefined {
    if (!this.#latest.has(subject)) {
      throw new SchemaUnknown(async (registry) => {
        this.#latest.set(subject, await orUndefined(registry.latest(subject)));
      });
    }
    return this.#latest.get(subject);
  }

  registered(
    subject: string,
    definition: SchemaDefinition,
    references: readonly ResolvedReference[] = [],
  ): StoredSchema {
    const key = JSON.stringify([subject, definition]);
    const known = this.#registered.get(key);
    if (known !== undefined) return known;
    const keep = (schema: StoredSchema): StoredSchema => {
      this.#registered.set(key, schema);
      this.#latest.set(subject, schema);
      return schema;
    };
    if (this.effect === 'only looks') {
      const { type, text, references: imports } = definition;
      return keep({ id: NOT_REGISTERED_YET, type, text, references, imports });
    }
    throw new SchemaUnknown(async (registry) => {
      keep(await registry.register(subject, definition));
    });
  }

  /**
   * Does what needs this knowledge, as often as it finds that it lacks some.
   *
   * @throws SchemaRegistryError, and what the work throws
   */
  async learn<T>(registry: SchemaRegistry, work: () => T): Promise<T> {
    for (;;) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof SchemaUnknown)) throw error;
        await error.question(registry);
      }
    }
  }
}

async function orUndefined(found: Promise<StoredSchema>): Promise<StoredSchema | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof SchemaNotFoundError) return undefined;
    throw error;
  }
}
