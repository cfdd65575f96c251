import { sleep, timers, type Scheduler } from '../../ports/scheduler.js';
import {
  InvalidSchemaError,
  RegistryUnauthorizedError,
  RegistryUnreachableError,
  SchemaIncompatibleError,
  SchemaNotFoundError,
  type Compatibility,
  type ResolvedReference,
  type SchemaDefinition,
  type SchemaReference,
  type SchemaRegistry,
  type StoredSchema,
} from '../../ports/schema-registry.js';
import { fields, flag, list, referenceList, schemaId, schemaType, text } from './registry-json.js';

export type RegistryCredentials =
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

export interface HttpSchemaRegistryOptions {
  /** Base addresses of one registry; the next is tried where one does not answer. */
  readonly urls: readonly string[];
  readonly credentials?: RegistryCredentials | undefined;
  /** How long one answer may take, ms. */
  readonly timeoutMs?: number;
  readonly scheduler?: Scheduler;
  readonly fetch?: typeof fetch;
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json';
const JSON_DIALECT = 'http://json-schema.org/draft-07/schema#';
const TIMEOUT_MS = 5_000;
const TRIES = 3;
const FIRST_PAUSE_MS = 100;
/** A schema that imports more deeply than this imports itself, or means no good. */
const IMPORT_DEPTH_MAX = 32;

/** Statuses of what may pass by itself. */
const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429]);

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A version of a subject, as it is imported. */
interface SchemaVersion {
  readonly text: string;
  readonly imports: readonly SchemaReference[];
}

/** A registry that speaks Confluent's REST interface: Confluent's own, Apicurio's ccompat, Redpanda's, Karapace. */
export class HttpSchemaRegistry implements SchemaRegistry {
  /** Schemas by id, for ever, and what is under way. */
  readonly #byId = new Map<number, Promise<StoredSchema>>();
  readonly #byVersion = new Map<string, Promise<SchemaVersion>>();
  readonly #fetch: typeof fetch;
  readonly #headers: Readonly<Record<string, string>>;
  /** The address that answered last. */
  #preferred = 0;

  constructor(private readonly options: HttpSchemaRegistryOptions) {
    this.#fetch = options.fetch ?? fetch;
    const authorization = authorizationOf(options.credentials);
    this.#headers = { accept: `${CONTENT_TYPE}, application/json`, ...(authorization && { authorization }) };
  }

  byId(id: number): Promise<StoredSchema> {
    return cached(this.#byId, id, async () => {
      const { body } = await this.#ask('GET', `/schemas/ids/${id}`);
      return this.#stored(id, body);
    });
  }

  async latest(subject: string): Promise<StoredSchema> {
    const { body } = await this.#ask('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`);
    return this.#stored(schemaId(fields(body)), body);
  }

  async register(subject: string, schema: SchemaDefinition): Promise<StoredSchema> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions`;
    const { answer, taken } = await this.#inAnyDialect(schema, (request) => this.#ask('POST', path, request));
    const id = schemaId(fields(answer.body));
    const stored = await this.#stored(id, taken);
    this.#byId.set(id, Promise.resolve(stored));
    return stored;
  }

  async lookup(subject: string, schema: SchemaDefinition): Promise<number | undefined> {
    try {
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const { answer } = await this.#inAnyDialect(schema, (request) => this.#ask('POST', path, request));
      return schemaId(fields(answer.body));
    } catch (error) {
      if (error instanceof SchemaNotFoundError) return undefined;
      throw error;
    }
  }

  async checkCompatibility(subject: string, schema: SchemaDefinition): Promise<Compatibility> {
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/versions/latest?verbose=true`;
    try {
      const asked = await this.#inAnyDialect(schema, (request) => this.#ask('POST', path, request));
      const answer = fields(asked.answer.body);
      return { isCompatible: flag(answer, 'is_compatible'), messages: list(answer, 'messages').map(String) };
    } catch (error) {
      if (error instanceof SchemaNotFoundError) return { isCompatible: true, messages: [] };
      throw error;
    }
  }

  async subjects(): Promise<readonly string[]> {
    const { body } = await this.#ask('GET', '/subjects');
    if (!Array.isArray(body)) throw new RegistryUnreachableError('The schema registry answered no list of subjects');
    return (body as readonly unknown[]).map(String).sort();
  }

  async deleteSubject(subject: string): Promise<void> {
    try {
      await this.#ask('DELETE', `/subjects/${encodeURIComponent(subject)}`);
    } catch (error) {
      if (!(error instanceof SchemaNotFoundError)) throw error;
    }
  }

  /**
   * Apicurio finds the type of a schema out by its text, and takes JSON for a schema only where it says so or has properties. What it does
   * not know is sent once more with the dialect that it is written in.
   */
  async #inAnyDialect(
    schema: SchemaDefinition,
    ask: (request: SchemaRequest) => Promise<Answer>,
  ): Promise<{ readonly answer: Answer; readonly taken: SchemaRequest }> {
    const plain = requestOf(schema);
    try {
      return { answer: await ask(plain), taken: plain };
    } catch (error) {
      const isUnknown = error instanceof InvalidSchemaError || error instanceof SchemaNotFoundError;
      const named = isUnknown && schema.type === 'JSON' ? withDialect(plain) : undefined;
      if (named === undefined) throw error;
      return { answer: await ask(named), taken: named };
    }
  }

  async #stored(id: number, body: unknown): Promise<StoredSchema> {
    const answer = fields(body);
    const imports = referenceList(answer);
    return {
      id,
      type: schemaType(answer),
      text: text(answer, 'schema'),
      imports,
      references: await this.#resolved(imports),
    };
  }

  /** Each once, what is imported before what imports it. */
  async #resolved(imports: readonly SchemaReference[]): Promise<readonly ResolvedReference[]> {
    const found = new Map<string, ResolvedReference>();
    const done = new Set<string>();
    const follow = async (from: readonly SchemaReference[], path: readonly string[]): Promise<void> => {
      for (const { name, subject, version } of from) {
        const key = JSON.stringify([subject, version]);
        if (path.includes(key) || path.length > IMPORT_DEPTH_MAX) {
          throw new InvalidSchemaError('Schemas import each other in a circle');
        }
        if (done.has(`${key}${name}`)) continue;
        const imported = await this.#version(subject, version);
        await follow(imported.imports, [...path, key]);
        found.set(name, { name, text: imported.text });
        done.add(`${key}${name}`);
      }
    };
    await follow(imports, []);
    return [...found.values()];
  }

  /** Without what it imports: what waits for another version here could wait for itself. */
  #version(subject: string, version: number): Promise<SchemaVersion> {
    return cached(this.#byVersion, JSON.stringify([subject, version]), async () => {
      try {
        const { body } = await this.#ask('GET', `/subjects/${encodeURIComponent(subject)}/versions/${version}`);
        const answer = fields(body);
        return { text: text(answer, 'schema'), imports: referenceList(answer) };
      } catch (error) {
        if (!(error instanceof SchemaNotFoundError)) throw error;
        throw new InvalidSchemaError(`It imports version ${version} of the subject ${subject}: ${error.message}`);
      }
    });
  }

  /** Tries again what may pass by itself. */
  async #ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const { urls, scheduler = timers } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#askOnce(method, path, body);
      } catch (error) {
        if (!(error instanceof RegistryUnreachableError)) throw error;
        this.#preferred = (this.#preferred + 1) % urls.length;
        if (attempt >= TRIES * urls.length) throw error;
      }
      if (attempt % urls.length === 0) await sleep(scheduler, FIRST_PAUSE_MS * 2 ** (attempt / urls.length - 1));
    }
  }

  async #askOnce(method: string, path: string, body: unknown): Promise<Answer> {
    const base = (this.options.urls[this.#preferred] as string).replace(/\/+$/, '');
    let status: number;
    let answerText: string;
    try {
      const response = await this.#fetch(`${base}${path}`, {
        method,
        headers: body === undefined ? this.#headers : { ...this.#headers, 'content-type': CONTENT_TYPE },
        signal: AbortSignal.timeout(this.options.timeoutMs ?? TIMEOUT_MS),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      ({ status } = response);
      answerText = await response.text();
    } catch (error) {
      throw new RegistryUnreachableError(`The schema registry at ${base} does not answer: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    const parsed = parsedOrText(answerText);
    if (status >= 200 && status < 300) return { status, body: parsed };
    throw errorOf(status, parsed, base);
  }
}

/** A JSON schema that says that it is one; undefined where it does already, or cannot. */
function withDialect(request: SchemaRequest): SchemaRequest | undefined {
  const schema = parsedOrText(request.schema);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || '$schema' in schema) return undefined;
  return { ...request, schema: JSON.stringify({ $schema: JSON_DIALECT, ...schema }) };
}

interface SchemaRequest {
  readonly schema: string;
  readonly schemaType?: string;
  readonly references?: SchemaDefinition['references'];
}

const requestOf = ({ type, text: schema, references }: SchemaDefinition): SchemaRequest => ({
  schema,
  ...(type === 'AVRO' ? {} : { schemaType: type }),
  ...(references.length === 0 ? {} : { references }),
});

function errorOf(status: number, body: unknown, base: string): Error {
  const message = messageOf(body, status);
  if (status === 401 || status === 403) {
    return new RegistryUnauthorizedError(
      `The schema registry at ${base} refuses access (HTTP ${status}): ${message}. See ksql.schema.registry.basic.auth.user.info`,
    );
  }
  if (status >= 500 || TRY_AGAIN.has(status)) {
    return new RegistryUnreachableError(`The schema registry at ${base} is in trouble (HTTP ${status}): ${message}`);
  }
  // A proxy before a registry that is away, or a wrong address, knows nothing of schemas: its 404 says of no id that it is not there.
  if (typeof body !== 'object' || body === null || !('error_code' in body)) {
    return new RegistryUnreachableError(`What answers at ${base} is no schema registry (HTTP ${status}): ${message}`);
  }
  if (status === 404) return new SchemaNotFoundError(message);
  if (status === 409) return new SchemaIncompatibleError(message);
  return new InvalidSchemaError(message);
}

function messageOf(body: unknown, status: number): string {
  if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message);
  return typeof body === 'string' && body !== '' ? body.slice(0, 500) : `HTTP ${status}`;
}

function parsedOrText(answer: string): unknown {
  try {
    return JSON.parse(answer) as unknown;
  } catch {
    return answer;
  }
}

/** What lies under a failed fetch says more than "fetch failed". */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return reasonOf(error.errors[0]);
  if ('cause' in error && error.cause !== undefined) return reasonOf(error.cause);
  return 'message' in error ? String(error.message) : 'unknown';
}

function authorizationOf(credentials: RegistryCredentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`;
  const bytes = new TextEncoder().encode(`${credentials.user}:${credentials.password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

/** One that fails is asked for again. */
function cached<K, T>(known: Map<K, Promise<T>>, key: K, load: () => Promise<T>): Promise<T> {
  const found = known.get(key);
  if (found !== undefined) return found;
  const loading = load();
  known.set(key, loading);
  loading.catch(() => known.delete(key));
  return loading;
}
