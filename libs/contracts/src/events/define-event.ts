import { z } from 'zod';
import { columnOf, type SqlType } from './columns.js';
import { headersOf, type EventHeaders } from './headers.js';

/** One column of the SQL source that reads an event's topic. */
export interface SqlColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly isKey: boolean;
}

/** A record ready to be produced: bytes as text, event time as the record's timestamp. */
export interface EventRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: EventHeaders;
  /** Milliseconds since the epoch, in decimal, as Kafka clients take it. */
  readonly timestamp: string;
}

export interface EventDeclaration<
  Name extends string,
  KeyName extends string,
  Key extends z.ZodType,
  Fields extends z.ZodRawShape,
> {
  /** Such as `weather-observation`; with the version it is the schema's name on the wire. */
  readonly name: Name;
  readonly version: number;
  readonly topic: string;
  /** The SQL source that reads the topic, if one does. */
  readonly source?: string;
  readonly key: { readonly name: KeyName; readonly schema: Key; readonly format: 'KAFKA' | 'JSON' };
  readonly fields: Fields;
  /** The field that holds event time in epoch milliseconds. */
  readonly timestamp: keyof Fields & string;
  /** Fields that the value may carry besides; change data capture adds some. */
  readonly isOpen?: boolean;
}

/** An event type: one declaration, from which the schema, the TypeScript type and the SQL columns derive. */
export class EventType<
  Name extends string,
  KeyName extends string,
  Key extends z.ZodType,
  Fields extends z.ZodRawShape,
> {
  readonly schema: z.ZodObject<Fields>;

  constructor(readonly declaration: EventDeclaration<Name, KeyName, Key, Fields>) {
    this.schema =
      declaration.isOpen === true
        ? (z.looseObject(declaration.fields) as unknown as z.ZodObject<Fields>)
        : (z.strictObject(declaration.fields) as unknown as z.ZodObject<Fields>);
  }

  get topic(): string {
    return this.declaration.topic;
  }

  /** `weather-observation.v1`. */
  get id(): string {
    return `${this.declaration.name}.v${this.declaration.version}`;
  }

  get sqlColumns(): readonly SqlColumn[] {
    const { key, fields } = this.declaration;
    return [
      { name: key.name, type: columnOf(key.schema).readAs, isKey: true },
      ...Object.entries(fields)
        .filter(([name]) => name !== key.name)
        .map(([name, schema]) => ({ name, type: columnOf(schema).readAs, isKey: false })),
    ];
  }

  get jsonSchema(): Record<string, unknown> {
    return { ...z.toJSONSchema(this.schema), $id: this.id, title: this.id };
  }

  get avroSchema(): AvroRecord {
    return {
      type: 'record',
      namespace: 'io.isobar',
      name: `${pascalCase(this.declaration.name)}V${this.declaration.version}`,
      fields: Object.entries(this.declaration.fields).map(([name, schema]) => {
        const { sql, isNullable } = columnOf(schema);
        return isNullable
          ? { name, type: ['null', avroTypes[sql]] as const, default: null }
          : { name, type: avroTypes[sql] };
      }),
    };
  }

  /**
   * The record of one event. Checked against the schema, since a wrong event is a bug that must not reach the topic.
   *
   * @throws z.ZodError naming the wrong field.
   */
  toRecord(
    key: z.output<Key>,
    value: z.output<z.ZodObject<Fields>>,
    headers: Omit<EventHeaders, 'content-type' | 'schema'> = {},
  ): EventRecord {
    this.declaration.key.schema.parse(key);
    const checked = this.schema.parse(value) as Record<string, unknown>;
    return {
      topic: this.declaration.topic,
      key: this.declaration.key.format === 'JSON' ? JSON.stringify(key) : String(key),
      value: JSON.stringify(checked),
      headers: headersOf(this.id, headers),
      timestamp: String(checked[this.declaration.timestamp]),
    };
  }

  /**
   * Reads a record's value; null is a tombstone.
   *
   * @throws SyntaxError when it is not JSON, z.ZodError when a field is missing or of another type.
   */
  parseValue(value: Buffer | string | null): z.output<z.ZodObject<Fields>> | null {
    return value === null ? null : this.schema.parse(JSON.parse(value.toString()));
  }

  /** Reads a record's key. @throws SyntaxError, z.ZodError. */
  parseKey(key: Buffer | string): z.output<Key> {
    const text = key.toString();
    return this.declaration.key.schema.parse(this.declaration.key.format === 'JSON' ? JSON.parse(text) : text);
  }
}

export interface AvroRecord {
  readonly type: 'record';
  readonly namespace: string;
  readonly name: string;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string | readonly string[];
    readonly default?: null;
  }[];
}

const avroTypes: Readonly<Record<SqlType, string>> = {
  VARCHAR: 'string',
  DOUBLE: 'double',
  INTEGER: 'int',
  BIGINT: 'long',
  BOOLEAN: 'boolean',
};

const pascalCase = (name: string): string =>
  name.replace(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase());
