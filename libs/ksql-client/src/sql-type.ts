import { KsqlProtocolError } from './errors.js';

/** A SQL type as the server spells it in `columnTypes` and in the schema text of `/query`. */
export type SqlType =
  | { readonly kind: 'scalar'; readonly name: string }
  | { readonly kind: 'array'; readonly element: SqlType }
  | { readonly kind: 'map'; readonly value: SqlType }
  | { readonly kind: 'struct'; readonly fields: ReadonlyMap<string, SqlType> };

export interface Column {
  readonly name: string;
  /** The type in the server's words, for example `ARRAY<STRUCT<A INTEGER>>`. */
  readonly typeText: string;
  readonly type: SqlType;
}

const tokenPattern = /\s*(`(?:[^`]|``)*`|[A-Za-z0-9_]+|[<>(),])/y;

/** type := ARRAY '<' type '>' | MAP '<' type ',' type '>' | STRUCT '<' [field {',' field}] '>' | name ['(' numbers ')'] */
class TypeReader {
  #at = 0;
  constructor(readonly text: string) {}

  peek(): string | undefined {
    tokenPattern.lastIndex = this.#at;
    return tokenPattern.exec(this.text)?.[1];
  }

  next(expected?: string): string {
    tokenPattern.lastIndex = this.#at;
    const token = tokenPattern.exec(this.text)?.[1];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new KsqlProtocolError(`Cannot read the SQL type '${this.text}' at position ${this.#at}.`);
    }
    this.#at = tokenPattern.lastIndex;
    return token;
  }

  type(): SqlType {
    const name = this.next().toUpperCase();
    if (name === 'ARRAY') return this.#inAngles(() => ({ kind: 'array', element: this.type() }));
    if (name === 'MAP') return this.#inAngles(() => this.#map());
    if (name === 'STRUCT') return this.#inAngles(() => this.#struct());
    if (this.peek() === '(') while (this.next() !== ')');
    return { kind: 'scalar', name };
  }

  /** column := name type ['KEY' | 'PRIMARY' 'KEY'] */
  columns(): Column[] {
    const columns: Column[] = [];
    while (this.peek() !== undefined) {
      const name = unquoted(this.next());
      const start = this.#at;
      const type = this.type();
      columns.push({ name, type, typeText: this.text.slice(start, this.#at).trim() });
      while (this.peek() !== undefined && this.next() !== ',');
    }
    return columns;
  }

  #inAngles(read: () => SqlType): SqlType {
    this.next('<');
    const type = read();
    this.next('>');
    return type;
  }

  #map(): SqlType {
    this.type();
    this.next(',');
    return { kind: 'map', value: this.type() };
  }

  #struct(): SqlType {
    const fields = new Map<string, SqlType>();
    while (this.peek() !== '>') {
      const name = unquoted(this.next());
      fields.set(name, this.type());
      if (this.peek() === ',') this.next();
    }
    return { kind: 'struct', fields };
  }
}

const unquoted = (name: string): string => (name.startsWith('`') ? name.slice(1, -1).replaceAll('``', '`') : name);

/** Reads one type text. */
export const parseSqlType = (text: string): SqlType => new TypeReader(text).type();

/** Reads the schema text of a `/query` header, for example "`ID` INTEGER KEY, `VAL` STRING". */
export const parseSchemaText = (text: string): Column[] => new TypeReader(text).columns();
