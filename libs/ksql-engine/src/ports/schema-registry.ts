/** Kinds of schemas, as registries name them; JSON is what the format JSON_SR has. */
export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF';

/** A version of a subject that a schema imports, under the name by which its text speaks of it. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema that somebody wants to have registered. */
export interface SchemaDefinition {
  readonly type: SchemaType;
  readonly text: string;
  readonly references: readonly SchemaReference[];
}

/** The text of a schema that another imports. */
export interface ResolvedReference {
  /** As the importing text says it: an import path, a `$ref`, a full name. */
  readonly name: string;
  readonly text: string;
}

/** A schema that a registry holds; an id never changes its meaning. Plain data, that plans, commands and other threads may carry. */
export interface RegisteredSchema {
  readonly id: number;
  readonly type: SchemaType;
  readonly text: string;
  /** All that the text imports, and what those import: each once, what is imported before what imports it. */
  readonly references: readonly ResolvedReference[];
}

/** A schema as the registry tells of it. */
export interface StoredSchema extends RegisteredSchema {
  /** What its own text imports: to register the same schema elsewhere takes these. */
  readonly imports: readonly SchemaReference[];
}

/** The answer to whether a schema may follow those that a subject has. */
export interface Compatibility {
  readonly isCompatible: boolean;
  /** What the registry says against it, one sentence each. */
  readonly messages: readonly string[];
}

/**
 * A registry that speaks Confluent's interface. Every method fails with a `SchemaRegistryError`; none tries again for longer than a few
 * seconds, so that whoever can wait decides how long.
 */
export interface SchemaRegistry {
  /** @throws SchemaNotFoundError */
  byId(id: number): Promise<StoredSchema>;
  /** The newest version of a subject. @throws SchemaNotFoundError */
  latest(subject: string): Promise<StoredSchema>;
  /**
   * Makes a schema the newest version of a subject; one that it has already gives its id again.
   *
   * @throws SchemaIncompatibleError, InvalidSchemaError
   */
  register(subject: string, schema: SchemaDefinition): Promise<StoredSchema>;
  /** The id under which a subject has exactly this schema; undefined when it has not. */
  lookup(subject: string, schema: SchemaDefinition): Promise<number | undefined>;
  /** Whether a schema may follow the newest of a subject; a subject that is not there takes any. */
  checkCompatibility(subject: string, schema: SchemaDefinition): Promise<Compatibility>;
  /** Names of all subjects, sorted. */
  subjects(): Promise<readonly string[]>;
  /** The subject is gone, its ids stay readable; one that is not there is no mistake. */
  deleteSubject(subject: string): Promise<void>;
}

/** What planning asks of a registry; answered at once, by whoever has asked the registry before. */
export interface SchemaLookup {
  byId(id: number): StoredSchema | undefined;
  /** The newest of a subject. */
  latest(subject: string): StoredSchema | undefined;
  /**
   * The schema that records of a subject are written with: this one, registered.
   *
   * @param references what the text imports, with all that those import
   */
  registered(subject: string, definition: SchemaDefinition, references?: readonly ResolvedReference[]): StoredSchema;
}

/** The subject of a part of a topic. */
export const subjectOf = (topic: string, isKey: boolean): string => `${topic}-${isKey ? 'key' : 'value'}`;

/** A registry that cannot do what it was asked, and why. */
export abstract class SchemaRegistryError extends Error {}

/** No answer, or one of a server in trouble: the same may succeed later. */
export class RegistryUnreachableError extends SchemaRegistryError {
  override readonly name = 'RegistryUnreachableError';
}

/** The registry does not let us: no credentials, wrong ones, or a role that may not. */
export class RegistryUnauthorizedError extends SchemaRegistryError {
  override readonly name = 'RegistryUnauthorizedError';
}

/** No such id, subject or version. */
export class SchemaNotFoundError extends SchemaRegistryError {
  override readonly name = 'SchemaNotFoundError';
}

/** The subject has versions that this schema may not follow. */
export class SchemaIncompatibleError extends SchemaRegistryError {
  override readonly name = 'SchemaIncompatibleError';
}

/** The registry does not take it: text that is no schema, or a request that it refuses. */
export class InvalidSchemaError extends SchemaRegistryError {
  override readonly name = 'InvalidSchemaError';
}
