import type { MapType, SqlType, StructField } from '../types/sql-type.js';
import type { NullableRepresentation } from './proto-shapes.js';

const KNOWN: { readonly [K in SqlType['kind']]?: readonly [name: string, file?: string] } = {
  BOOLEAN: ['bool'],
  INTEGER: ['int32'],
  BIGINT: ['int64'],
  DOUBLE: ['double'],
  STRING: ['string'],
  BYTES: ['bytes'],
  DECIMAL: ['confluent.type.Decimal', 'confluent/type/decimal.proto'],
  DATE: ['google.type.Date', 'google/type/date.proto'],
  TIME: ['google.type.TimeOfDay', 'google/type/timeofday.proto'],
  TIMESTAMP: ['google.protobuf.Timestamp', 'google/protobuf/timestamp.proto'],
};

const WRAPPERS: { readonly [K in SqlType['kind']]?: string } = {
  BOOLEAN: 'BoolValue',
  INTEGER: 'Int32Value',
  BIGINT: 'Int64Value',
  DOUBLE: 'DoubleValue',
  STRING: 'StringValue',
  BYTES: 'BytesValue',
};

export interface ProtoTextOptions {
  /** How a NULL in a scalar field is told from 0 and the like. */
  readonly nullable?: NullableRepresentation;
  /** With a package or without; absent: the name that ksqlDB gives. */
  readonly fullName?: string | undefined;
}

/** The `.proto` file of columns as `protoMessageOf` writes them, with the message names that ksqlDB gives. */
export function protoSchemaText(columns: readonly StructField[]): string {
  return new SchemaWriter({}, false).file(columns);
}

/** The file that a registry gets: it also tells the precision of decimals, which fields may be NULL, and what is a map. */
export function registeredProtoText(columns: readonly StructField[], options: ProtoTextOptions): string {
  return new SchemaWriter(options, true).file(columns);
}

class SchemaWriter {
  readonly imports = new Set<string>();
  private messageCount = 0;

  constructor(
    private readonly options: ProtoTextOptions,
    private readonly isRegistered: boolean,
  ) {}

  file(columns: readonly StructField[]): string {
    const { fullName } = this.options;
    const generated = this.nextName();
    const dot = fullName?.lastIndexOf('.') ?? -1;
    const message = this.message(fullName?.slice(dot + 1) ?? generated, columns);
    const packageLine = fullName !== undefined && dot > 0 ? `package ${fullName.slice(0, dot)};\n\n` : '';
    const imports = [...this.imports].sort().map((file) => `import "${file}";\n`);
    const importLines = imports.length > 0 ? `${imports.join('')}\n` : '';
    return `syntax = "proto3";\n\n${packageLine}${importLines}${message}`;
  }

  nextName(): string {
    return `ConnectDefault${++this.messageCount}`;
  }

  message(name: string, fields: readonly StructField[]): string {
    const nested: string[] = [];
    const names = protoFieldNames(fields);
    const lines = fields.map(
      ({ type }, i) => `${this.fieldType(type, nested)} ${names[i] ?? ''} = ${i + 1}${this.notes(type)};\n`,
    );
    return `message ${name} {\n${indented(lines.join(''))}${nested.length > 0 ? `\n${indented(nested.join(''))}` : ''}}\n`;
  }

  /** With what lets a scalar field be NULL. */
  private fieldType(type: SqlType, nested: string[]): string {
    const { nullable = 'NONE' } = this.options;
    const wrapper = WRAPPERS[type.kind];
    if (wrapper === undefined || nullable === 'NONE') return this.declaration(type, nested);
    if (nullable === 'OPTIONAL') return `optional ${this.declaration(type, nested)}`;
    this.imports.add('google/protobuf/wrappers.proto');
    return `google.protobuf.${wrapper}`;
  }

  /** What the type of a field does not say. */
  private notes(type: SqlType): string {
    const decimal = type.kind === 'ARRAY' ? type.element : type;
    if (!this.isRegistered || decimal.kind !== 'DECIMAL') return '';
    this.imports.add('confluent/meta.proto');
    const parameter = (key: string, value: number): string =>
      `{\n        value: "${value}",\n        key: "${key}"\n      }`;
    const parameters = [parameter('precision', decimal.precision), parameter('scale', decimal.scale)];
    return ` [(confluent.field_meta) = {\n    params: [\n      ${parameters.join(',\n      ')}\n    ]\n  }]`;
  }

  /** The type of a field as it stands before the name. Messages that it needs go into `nested`. */
  private declaration(type: SqlType, nested: string[]): string {
    if (type.kind === 'ARRAY') return `repeated ${this.declaration(type.element, nested)}`;
    if (type.kind === 'MAP' && this.isRegistered && isPlainMap(type)) {
      return `map<${this.declaration(type.key, nested)}, ${this.declaration(type.value, nested)}>`;
    }
    if (type.kind === 'MAP') {
      const entry = `${this.nextName()}Entry`;
      const fields = [
        { name: 'key', type: type.key },
        { name: 'value', type: type.value },
      ];
      nested.push(this.message(entry, fields));
      return `repeated ${entry}`;
    }
    if (type.kind === 'STRUCT') {
      const name = this.nextName();
      nested.push(this.message(name, type.fields));
      return name;
    }
    const [name = '', file] = KNOWN[type.kind] ?? [];
    if (file !== undefined) this.imports.add(file);
    return name;
  }
}

/** Whether protobuf has a map of this kind: its values are neither lists nor maps, nor need notes. */
const isPlainMap = ({ value }: MapType): boolean =>
  value.kind !== 'ARRAY' && value.kind !== 'MAP' && value.kind !== 'DECIMAL';

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** Names that protobuf knows: letters, digits and underscores, each once. */
export function protoFieldNames(fields: readonly StructField[]): readonly string[] {
  const taken = new Set<string>();
  return fields.map((field, i) => {
    const plain = field.name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?![A-Za-z])/, 'f');
    const name = taken.has(plain) ? `${plain}_${i + 1}` : plain;
    taken.add(name);
    return name;
  });
}
