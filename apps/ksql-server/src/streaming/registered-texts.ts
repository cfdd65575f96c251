import {
  registeredId,
  registeredText,
  SchemaRegistryError,
  type RegisteredText,
  type SchemaRegistry,
} from '@isobar/ksql-engine';

/** How records are read that bear ids of schemas, for those who print them. */
export class RegisteredTexts {
  readonly #byId = new Map<number, RegisteredText | undefined>();

  constructor(private readonly registry: Pick<SchemaRegistry, 'byId'> | undefined) {}

  /**
   * Asks the registry for the ids that are new. What it does not tell, not having it or being away, is printed as other bytes are: these
   * may be no ids at all.
   */
  async learn(parts: Iterable<Uint8Array | null>): Promise<void> {
    if (this.registry === undefined) return;
    for (const bytes of parts) {
      const id = bytes === null ? undefined : registeredId(bytes);
      if (id === undefined || this.#byId.has(id)) continue;
      try {
        this.#byId.set(id, registeredText(await this.registry.byId(id)));
      } catch (error) {
        if (!(error instanceof SchemaRegistryError)) throw error;
        this.#byId.set(id, undefined);
      }
    }
  }

  of(bytes: Uint8Array): RegisteredText | undefined {
    const id = registeredId(bytes);
    return id === undefined ? undefined : this.#byId.get(id);
  }
}
