import { protoTokens, type ProtoToken } from './proto-tokens.js';

/** What a `.proto` file defines, as far as it says how messages stand in bytes. Types are names as they were written. */
export interface ProtoFile {
  readonly packageName: string;
  readonly imports: readonly string[];
  readonly messages: readonly MessageDefinition[];
  readonly enums: readonly EnumDefinition[];
}

export interface MessageDefinition {
  readonly name: string;
  /** With its package and outer messages. */
  readonly fullName: string;
  readonly fields: readonly FieldDefinition[];
  readonly messages: readonly MessageDefinition[];
  readonly enums: readonly EnumDefinition[];
  /** Names of the groups of fields of which one is there at most; `FieldDefinition.oneof` is an index of it. */
  readonly oneofs: readonly string[];
}

export interface FieldDefinition {
  readonly name: string;
  readonly number: number;
  readonly typeName: string;
  readonly isRepeated: boolean;
  /** An absent scalar is told from one that is 0 or empty. */
  readonly hasPresence: boolean;
  /** Numbers of a repeated field stand behind one length. */
  readonly isPacked: boolean;
  /** The type of a map's keys; `typeName` is that of its values. */
  readonly mapKey: string | undefined;
  readonly oneof: number | undefined;
  /** Connect's notes on the field, such as the scale of a decimal. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface EnumDefinition {
  readonly name: string;
  readonly fullName: string;
  /** The first name of each number, in their order. */
  readonly names: ReadonlyMap<number, string>;
}

/** Messages inside one another; more is no schema of records. */
const NESTING_MAX = 100;
const NUMBER_MAX = 0x1fff_ffff;

/** @throws Error that says what is wrong, with its line */
export function parseProtoFile(text: string): ProtoFile {
  return new FileParser(protoTokens(text)).file();
}

/** A constant of an option: a text or number, or a message of named constants. */
type Constant = string | ReadonlyMap<string, readonly Constant[]>;

class FileParser {
  private at = 0;
  /** Whether absent scalars of plain fields are their zeros, and numbers are packed: true since proto3. */
  private isProto3 = false;
  private isEdition = false;

  constructor(private readonly tokens: readonly ProtoToken[]) {}

  file(): ProtoFile {
    let packageName = '';
    const imports: string[] = [];
    const messages: MessageDefinition[] = [];
    const enums: EnumDefinition[] = [];
    while (this.at < this.tokens.length) {
      if (this.takes(';')) continue;
      const word = this.name();
      switch (word) {
        case 'syntax':
          this.expect('=');
          this.isProto3 = this.text() === 'proto3';
          this.expect(';');
          break;
        case 'edition':
          this.expect('=');
          this.text();
          this.isEdition = true;
          this.expect(';');
          break;
        case 'package':
          packageName = this.typeName();
          this.expect(';');
          break;
        case 'import':
          if (this.peek()?.kind === 'name') this.name();
          imports.push(this.text());
          this.expect(';');
          break;
        case 'option':
          this.option();
          this.expect(';');
          break;
        case 'message':
          messages.push(this.message(packageName, 0));
          break;
        case 'enum':
          enums.push(this.enumeration(packageName));
          break;
        case 'extend':
        case 'service':
          this.typeName();
          this.skipBlock();
          break;
        default:
          throw this.unexpected(`'${word}'`, 'a definition');
      }
    }
    return { packageName, imports, messages, enums };
  }

  private message(scope: string, depth: number): MessageDefinition {
    const name = this.name();
    return this.messageBody(name, scope, depth);
  }

  private messageBody(name: string, scope: string, depth: number): MessageDefinition {
    if (depth > NESTING_MAX) throw new Error(`The .proto text has messages more than ${NESTING_MAX} deep`);
    const fullName = scope === '' ? name : `${scope}.${name}`;
    const fields: FieldDefinition[] = [];
    const messages: MessageDefinition[] = [];
    const enums: EnumDefinition[] = [];
    const oneofs: string[] = [];
    this.expect('{');
    while (!this.takes('}')) {
      if (this.takes(';')) continue;
      const word = this.peek()?.text;
      // A field may have a type of such a name: then a name follows where the definition has something else.
      if (word === 'message' && this.isDefinition()) {
        this.name();
        messages.push(this.message(fullName, depth + 1));
      } else if (word === 'enum' && this.isDefinition()) {
        this.name();
        enums.push(this.enumeration(fullName));
      } else if (word === 'oneof' && this.isDefinition()) {
        this.name();
        oneofs.push(this.name());
        this.expect('{');
        while (!this.takes('}')) {
          if (this.takes(';')) continue;
          if (this.peek()?.text === 'option') this.skipStatement();
          else this.field(fields, messages, fullName, depth, oneofs.length - 1);
        }
      } else if (word === 'extend' && this.isDefinition()) {
        this.name();
        this.typeName();
        this.skipBlock();
      } else if (word === 'option' || word === 'reserved' || word === 'extensions') this.skipStatement();
      else this.field(fields, messages, fullName, depth, undefined);
    }
    const seen = new Set<number>();
    for (const field of fields) {
      if (seen.has(field.number)) throw new Error(`The message ${fullName} has the field number ${field.number} twice`);
      seen.add(field.number);
    }
    return { name, fullName, fields, messages, enums, oneofs };
  }

  /** Whether a word begins a definition here: a name and a brace follow. */
  private isDefinition(): boolean {
    let at = this.at + 1;
    if (this.tokens[at]?.text === '.') at++;
    if (this.tokens[at]?.kind !== 'name') return false;
    while (this.tokens[at + 1]?.text === '.') at += 2;
    return this.tokens[at + 1]?.text === '{';
  }

  private field(
    fields: FieldDefinition[],
    messages: MessageDefinition[],
    scope: string,
    depth: number,
    oneof: number | undefined,
  ): void {
    let label = '';
    const word = this.peek()?.text;
    if ((word === 'optional' || word === 'required' || word === 'repeated') && this.tokens[this.at + 1]?.text !== '=') {
      label = this.name();
    }
    let mapKey: string | undefined;
    let typeName: string;
    if (this.peek()?.text === 'map' && this.tokens[this.at + 1]?.text === '<') {
      this.name();
      this.expect('<');
      mapKey = this.typeName();
      this.expect(',');
      typeName = this.typeName();
      this.expect('>');
    } else typeName = this.typeName();
    const name = this.name();
    this.expect('=');
    const number = this.number();
    if (number < 1 || number > NUMBER_MAX) throw new Error(`The field ${scope}.${name} has the number ${number}`);
    const options = this.takes('[') ? this.fieldOptions() : new Map<string, readonly Constant[]>();
    if (typeName === 'group') {
      // Groups are an old way to nest, which nothing reads; what they define is known by its name.
      messages.push(this.messageBody(name, scope, depth + 1));
    } else this.expect(';');
    const isRepeated = label === 'repeated' || mapKey !== undefined;
    const packed = options.get('packed')?.[0];
    fields.push({
      name,
      number,
      typeName,
      isRepeated,
      hasPresence:
        label === 'optional' || (label === '' && (this.isEdition || oneof !== undefined)) || label === 'required',
      isPacked: packed === undefined ? this.isProto3 || this.isEdition : packed === 'true',
      mapKey,
      oneof,
      parameters: parametersOf(options),
    });
  }

  private enumeration(scope: string): EnumDefinition {
    const name = this.name();
    const names = new Map<number, string>();
    this.expect('{');
    while (!this.takes('}')) {
      if (this.takes(';')) continue;
      const word = this.peek()?.text;
      if ((word === 'option' || word === 'reserved') && this.tokens[this.at + 1]?.text !== '=') {
        this.skipStatement();
        continue;
      }
      const symbol = this.name();
      this.expect('=');
      const isNegative = this.takes('-');
      const number = this.number() * (isNegative ? -1 : 1);
      if (this.takes('[')) this.fieldOptions();
      this.expect(';');
      if (!names.has(number)) names.set(number, symbol);
    }
    return { name, fullName: scope === '' ? name : `${scope}.${name}`, names };
  }

  /** Behind `[`, up to and with `]`. */
  private fieldOptions(): ReadonlyMap<string, readonly Constant[]> {
    const options = new Map<string, Constant[]>();
    do {
      const [name, value] = this.option();
      options.set(name, [...(options.get(name) ?? []), value]);
    } while (this.takes(','));
    this.expect(']');
    return options;
  }

  /** A name, an equals sign and a constant. */
  private option(): readonly [name: string, value: Constant] {
    let name = '';
    do {
      if (this.takes('(')) {
        name += `(${this.typeName()})`;
        this.expect(')');
      } else name += this.name();
      if (this.takes('.')) name += '.';
      else break;
    } while (this.at < this.tokens.length);
    this.expect('=');
    return [name, this.constant(0)];
  }

  private constant(depth: number): Constant {
    if (depth > NESTING_MAX) throw new Error(`The .proto text has options more than ${NESTING_MAX} deep`);
    if (this.takes('{')) return this.messageConstant('}', depth);
    if (this.takes('<')) return this.messageConstant('>', depth);
    const sign = this.takes('-') ? '-' : this.takes('+') ? '' : '';
    const token = this.next('a constant');
    if (token.kind === 'sign') throw this.unexpected(`'${token.text}'`, 'a constant');
    let { text } = token;
    // Texts beside one another are one text, and names may have parts.
    while (token.kind === 'text' && this.peek()?.kind === 'text') text += this.text();
    while (token.kind === 'name' && this.takes('.')) text += `.${this.name()}`;
    return `${sign}${text}`;
  }

  private messageConstant(end: string, depth: number): Constant {
    const fields = new Map<string, Constant[]>();
    while (!this.takes(end)) {
      const name = this.takes('[') ? this.extensionName() : this.name();
      const values = fields.get(name) ?? [];
      fields.set(name, values);
      this.takes(':');
      if (this.takes('[')) {
        while (!this.takes(']')) {
          values.push(this.constant(depth + 1));
          this.takes(',');
        }
      } else values.push(this.constant(depth + 1));
      if (!this.takes(',')) this.takes(';');
    }
    return fields;
  }

  private extensionName(): string {
    let name = this.typeName();
    if (this.takes('/')) name += `/${this.typeName()}`;
    this.expect(']');
    return `[${name}]`;
  }

  /** To the end of a statement, over blocks in it. */
  private skipStatement(): void {
    for (let depth = 0; ;) {
      const { text, kind } = this.next(';');
      if (kind !== 'sign') continue;
      if (text === '{') depth++;
      else if (text === '}') depth--;
      else if (text === ';' && depth <= 0) return;
      if (depth < 0) throw this.unexpected("'}'", "';'");
    }
  }

  private skipBlock(): void {
    this.expect('{');
    for (let depth = 1; depth > 0;) {
      const { text, kind } = this.next('}');
      if (kind === 'sign' && text === '{') depth++;
      else if (kind === 'sign' && text === '}') depth--;
    }
  }

  /** Names with points between them, one of which may stand before. */
  private typeName(): string {
    let name = this.takes('.') ? '.' : '';
    name += this.name();
    while (this.takes('.')) name += `.${this.name()}`;
    return name;
  }

  private peek(): ProtoToken | undefined {
    return this.tokens[this.at];
  }

  private next(wanted: string): ProtoToken {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new Error(`The .proto text ends where ${wanted} is expected`);
    return token;
  }

  private takes(sign: string): boolean {
    const token = this.tokens[this.at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.at++;
    return true;
  }

  private expect(sign: string): void {
    const token = this.next(`'${sign}'`);
    if (token.kind !== 'sign' || token.text !== sign) throw this.unexpected(`'${token.text}'`, `'${sign}'`);
  }

  private name(): string {
    const token = this.next('a name');
    if (token.kind !== 'name') throw this.unexpected(`'${token.text}'`, 'a name');
    return token.text;
  }

  private text(): string {
    const token = this.next('a text');
    if (token.kind !== 'text') throw this.unexpected(`'${token.text}'`, 'a text');
    return token.text;
  }

  private number(): number {
    const token = this.next('a number');
    const number =
      token.kind === 'number' ? Number(/^0[0-7]+$/.test(token.text) ? `0o${token.text}` : token.text) : NaN;
    if (!Number.isInteger(number)) throw this.unexpected(`'${token.text}'`, 'a number');
    return number;
  }

  private unexpected(found: string, wanted: string): Error {
    const line = this.tokens[Math.max(0, this.at - 1)]?.line ?? 1;
    return new Error(`The .proto text has ${found} in line ${line} where ${wanted} is expected`);
  }
}

/** `(confluent.field_meta)` is a message with `params`, a list of keys and values, in either of two spellings. */
function parametersOf(options: ReadonlyMap<string, readonly Constant[]>): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const metas = options.get('(confluent.field_meta)') ?? [];
  const entries = [
    ...metas.flatMap((meta) => (typeof meta === 'string' ? [] : (meta.get('params') ?? []))),
    ...(options.get('(confluent.field_meta).params') ?? []),
  ];
  for (const entry of entries) {
    if (typeof entry === 'string') continue;
    const [key] = entry.get('key') ?? [];
    const [value] = entry.get('value') ?? [];
    if (typeof key === 'string' && typeof value === 'string') parameters.set(key, value);
  }
  return parameters;
}
