import {
  InvalidSchemaError,
  SchemaIncompatibleError,
  SchemaNotFoundError,
  type Compatibility,
  type ResolvedReference,
  type SchemaDefinition,
  type SchemaReference,
  type StoredSchema,
} from '../../ports/schema-registry.js';
import { avroObstacles } from './avro-obstacles.js';
import { canonicalText } from './canonical-text.js';

/** A version of a subject. */
export interface StoredVersion {
  readonly version: number;
  readonly schema: StoredSchema;
}

/**
 * What a registry holds, answered at once: the stand-in for one in tests. Ids are by content, subjects check BACKWARD for AVRO; schemas of
 * other types may follow any, as their rules are the real registry's affair.
 */
export class RegistryContents {
  readonly #byId = new Map<number, StoredSchema>();
  readonly #idByContent = new Map<string, number>();
  readonly #subjects = new Map<string, StoredVersion[]>();
  #nextId = 1;

  /** @throws SchemaNotFoundError */
  byId(id: number): StoredSchema {
    const schema = this.#byId.get(id);
    if (schema === undefined) throw new SchemaNotFoundError(`Schema ${id} not found`);
    return schema;
  }

  /** Oldest first. @throws SchemaNotFoundError */
  versions(subject: string): readonly StoredVersion[] {
    const versions = this.#subjects.get(subject);
    if (versions === undefined) throw new SchemaNotFoundError(`Subject '${subject}' not found.`);
    return versions;
  }

  /** @throws SchemaNotFoundError */
  latest(subject: string): StoredVersion {
    return this.versions(subject).at(-1) as StoredVersion;
  }

  subjects(): readonly string[] {
    return [...this.#subjects.keys()].sort();
  }

  /** @throws InvalidSchemaError, SchemaNotFoundError for an import */
  find(subject: string, definition: SchemaDefinition): StoredVersion | undefined {
    const id = this.#idByContent.get(this.#content(definition));
    return this.#subjects.get(subject)?.find(({ schema }) => schema.id === id);
  }

  compatibility(subject: string, definition: SchemaDefinition): Compatibility {
    const text = canonicalText(definition);
    const latest = this.#subjects.get(subject)?.at(-1)?.schema;
    if (latest === undefined) return { isCompatible: true, messages: [] };
    if (latest.type !== definition.type) {
      return { isCompatible: false, messages: [`the subject has schemas of the type ${latest.type}`] };
    }
    const messages = latest.type === 'AVRO' ? avroObstacles(JSON.parse(text), JSON.parse(latest.text)) : [];
    return { isCompatible: messages.length === 0, messages };
  }

  /**
   * @param id what it is to be called; the next number when undefined
   * @throws InvalidSchemaError, SchemaIncompatibleError
   */
  register(subject: string, definition: SchemaDefinition, id?: number): StoredVersion {
    const known = this.find(subject, definition);
    if (known !== undefined) return known;
    const { isCompatible, messages } = this.compatibility(subject, definition);
    if (!isCompatible) {
      throw new SchemaIncompatibleError(
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${messages.join('; ')}]`,
      );
    }
    const schema = this.#stored(definition, id);
    const versions = this.#subjects.get(subject) ?? [];
    const stored: StoredVersion = { version: (versions.at(-1)?.version ?? 0) + 1, schema };
    this.#subjects.set(subject, [...versions, stored]);
    return stored;
  }

  /** Whether it was there. */
  deleteSubject(subject: string): boolean {
    return this.#subjects.delete(subject);
  }

  #stored(definition: SchemaDefinition, wanted: number | undefined): StoredSchema {
    const content = this.#content(definition);
    const id = wanted ?? this.#idByContent.get(content) ?? this.#freeId();
    const references = this.#resolved(definition.references);
    const { type, references: imports } = definition;
    const schema: StoredSchema = { id, type, text: canonicalText(definition), references, imports };
    this.#byId.set(id, schema);
    this.#idByContent.set(content, id);
    return schema;
  }

  #freeId(): number {
    while (this.#byId.has(this.#nextId)) this.#nextId++;
    return this.#nextId++;
  }

  #content(definition: SchemaDefinition): string {
    return JSON.stringify([definition.type, canonicalText(definition), definition.references]);
  }

  /** Each once, what is imported before what imports it. */
  #resolved(imports: readonly SchemaReference[]): readonly ResolvedReference[] {
    const found = new Map<string, ResolvedReference>();
    for (const { name, subject, version } of imports) {
      const stored = this.versions(subject).find((candidate) => candidate.version === version)?.schema;
      if (stored === undefined) throw new InvalidSchemaError(`Version ${version} of '${subject}' not found.`);
      for (const inner of stored.references) found.set(inner.name, inner);
      found.set(name, { name, text: stored.text });
    }
    return [...found.values()];
  }
}
