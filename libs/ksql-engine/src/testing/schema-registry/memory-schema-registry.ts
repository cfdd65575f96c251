import type { Compatibility, SchemaDefinition, SchemaRegistry, StoredSchema } from '../../ports/schema-registry.js';
import { RegistryContents } from './registry-contents.js';

/** A registry in memory. It counts what it was asked, and may be away. */
export class MemorySchemaRegistry implements SchemaRegistry {
  /** What each further request fails with; nothing when undefined. */
  trouble: Error | undefined;
  /** Requests by what they asked for, `byId 1`, oldest first. */
  readonly asked: string[] = [];

  constructor(readonly contents = new RegistryContents()) {}

  byId(id: number): Promise<StoredSchema> {
    return this.#answer(`byId ${id}`, () => this.contents.byId(id));
  }
  latest(subject: string): Promise<StoredSchema> {
    return this.#answer(`latest ${subject}`, () => this.contents.latest(subject).schema);
  }
  register(subject: string, schema: SchemaDefinition): Promise<StoredSchema> {
    return this.#answer(`register ${subject}`, () => this.contents.register(subject, schema).schema);
  }
  lookup(subject: string, schema: SchemaDefinition): Promise<number | undefined> {
    return this.#answer(`lookup ${subject}`, () => this.contents.find(subject, schema)?.schema.id);
  }
  checkCompatibility(subject: string, schema: SchemaDefinition): Promise<Compatibility> {
    return this.#answer(`compatibility ${subject}`, () => this.contents.compatibility(subject, schema));
  }
  subjects(): Promise<readonly string[]> {
    return this.#answer('subjects', () => this.contents.subjects());
  }
  deleteSubject(subject: string): Promise<void> {
    return this.#answer(`delete ${subject}`, () => {
      this.contents.deleteSubject(subject);
    });
  }

  async #answer<T>(asked: string, answer: () => T): Promise<T> {
    await Promise.resolve();
    this.asked.push(asked);
    if (this.trouble !== undefined) throw this.trouble;
    return answer();
  }
}
