/** What `JSON.stringify` writes and `JSON.parse` reads without loss. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/**
 * How values of a type stand in JSON. Encoding is deterministic, keys stand in the order of the codec and not of the value: equal
 * values give equal text, and what was decoded encodes to the text that it came from.
 */
export interface Codec<T> {
  encode(value: T): Json;
  /** @throws DecodeError for anything that `encode` does not give */
  decode(json: unknown): T;
}

/** What is to be read is not what was written, or needs something that is not there any more. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  /** `path`: where in the JSON, outermost first. */
  constructor(
    readonly reason: string,
    readonly path: readonly string[] = [],
  ) {
    super(path.length === 0 ? reason : `${path.join('.')}: ${reason}`);
  }
  static within<T>(name: string, decode: () => T): T {
    try {
      return decode();
    } catch (error) {
      throw error instanceof DecodeError ? new DecodeError(error.reason, [name, ...error.path]) : error;
    }
  }
}

/** A property that need not be there: it is left out of the JSON where it is undefined. */
export interface OptionalField<T> {
  readonly optional: Codec<T>;
}
export const optional = <T>(codec: Codec<T>): OptionalField<T> => ({ optional: codec });

type FieldOf<V> = undefined extends V ? OptionalField<Exclude<V, undefined>> : Codec<V>;
/** One codec per property, so that a new one does not compile until it is written too. */
export type Fields<T> = { readonly [K in keyof T]-?: FieldOf<T[K]> };

/** A codec whose JSON is an object. */
export interface ObjectCodec<T> extends Codec<T> {
  encode(value: T): JsonObject;
}

/** `T` is what is wanted where it stands, and never guessed from the fields that are given. */
export function object<T extends object>(fields: NoInfer<Fields<T>>): ObjectCodec<T> {
  const entries = Object.entries(fields) as [keyof T & string, Codec<unknown> | OptionalField<unknown>][];
  return {
    encode: (value) => {
      const json: Record<string, Json> = {};
      for (const [name, field] of entries) {
        if ('encode' in field) json[name] = field.encode(value[name]);
        else if (value[name] !== undefined) json[name] = field.optional.encode(value[name]);
      }
      return json;
    },
    decode: (json) => {
      const given = readObject(json);
      const value: Record<string, unknown> = {};
      for (const [name, field] of entries) {
        if ('encode' in field) {
          if (given[name] === undefined) throw new DecodeError(`${name} is missing`);
          value[name] = DecodeError.within(name, () => field.decode(given[name]));
        } else if (given[name] !== undefined) {
          value[name] = DecodeError.within(name, () => field.optional.decode(given[name]));
        }
      }
      return value as T;
    },
  };
}

type Kinds<T extends { readonly kind: string }> = {
  readonly [K in T['kind']]: ObjectCodec<Omit<Extract<T, { readonly kind: K }>, 'kind'>>;
};

/** One codec per kind: a new kind does not compile until it is in the table. */
export function byKind<T extends { readonly kind: string }>(what: string, kinds: Kinds<T>): ObjectCodec<T> {
  const table = new Map(Object.entries(kinds) as [string, ObjectCodec<unknown>][]);
  const codecOf = (kind: unknown): ObjectCodec<unknown> => {
    const codec = table.get(String(kind));
    if (codec === undefined) throw new DecodeError(`unknown kind of ${what}: ${JSON.stringify(kind)}`);
    return codec;
  };
  return {
    encode: (value) => ({ kind: value.kind, ...codecOf(value.kind).encode(value) }),
    decode: (json) => {
      const { kind } = readObject(json);
      const rest = DecodeError.within(String(kind), () => codecOf(kind).decode(json));
      return { kind, ...(rest as object) } as unknown as T;
    },
  };
}

/** For types that hold themselves. */
export const lazy = <T>(get: () => Codec<T>): Codec<T> => ({
  encode: (value) => get().encode(value),
  decode: (json) => get().decode(json),
});

export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    encode: (values) => values.map((value) => item.encode(value)),
    decode: (json) => {
      if (!Array.isArray(json)) throw new DecodeError(`not a list: ${shown(json)}`);
      return json.map((each: unknown, index) => DecodeError.within(String(index), () => item.decode(each)));
    },
  };
}

export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    encode: (value) => (value === null ? null : codec.encode(value)),
    decode: (json) => (json === null ? null : codec.decode(json)),
  };
}

export const text: Codec<string> = {
  encode: (value) => value,
  decode: (json) => (typeof json === 'string' ? json : refuse('a text', json)),
};

export const flag: Codec<boolean> = {
  encode: (value) => value,
  decode: (json) => (typeof json === 'boolean' ? json : refuse('true or false', json)),
};

/** A number that JSON can write. */
export const number: Codec<number> = {
  encode: (value) => value,
  decode: (json) => (typeof json === 'number' ? json : refuse('a number', json)),
};

export function oneOf<T extends string | number>(...allowed: readonly T[]): Codec<T> {
  return {
    encode: (value) => value,
    decode: (json) => allowed.find((value) => value === json) ?? refuse(`one of ${allowed.join(', ')}`, json),
  };
}

/** Texts by name, in the order of their names. */
export const texts: Codec<Readonly<Record<string, string>>> = {
  encode: (value) => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : Number(a > b)))),
  decode: (json) =>
    Object.fromEntries(
      Object.entries(readObject(json)).map(([name, each]) => [name, DecodeError.within(name, () => text.decode(each))]),
    ),
};

export function readObject(json: unknown): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return refuse('an object', json);
  return json as Readonly<Record<string, unknown>>;
}

export function refuse(wanted: string, json: unknown): never {
  throw new DecodeError(`not ${wanted}: ${shown(json)}`);
}

const SHOWN_CHARS_MAX = 80;
function shown(json: unknown): string {
  const all = JSON.stringify(json) ?? 'nothing';
  return all.length <= SHOWN_CHARS_MAX ? all : `${all.slice(0, SHOWN_CHARS_MAX)}…`;
}
