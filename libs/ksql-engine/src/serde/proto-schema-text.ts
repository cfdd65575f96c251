import type { SqlType, StructField } from '../types/sql-type.js';

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

/** The `.proto` file of columns as `protoMessageOf` writes them, with the message names that ksqlDB gives. */
export function protoSchemaText(columns: readonly StructField[]): string {
  const writer = new SchemaWriter();
  const message = writer.message(writer.nextName(), columns);
  const imports = [...writer.imports].sort().map((file) => `import "${file}";\n`);
  return `syntax = "proto3";\n\n${imports.length > 0 ? `${imports.join('')}\n` : ''}${message}`;
}

class SchemaWriter {
  readonly imports = new Set<string>();
  private messageCount = 0;

  nextName(): string {
    return `ConnectDefault${++this.messageCount}`;
  }

  message(name: string, fields: readonly StructField[]): string {
    const nested: string[] = [];
    const names = fieldNames(fields);
    const lines = fields.map(({ type }, i) => `${this.declaration(type, nested)} ${names[i] ?? ''} = ${i + 1};\n`);
    return `message ${name} {\n${indented(lines.join(''))}${nested.length > 0 ? `\n${indented(nested.join(''))}` : ''}}\n`;
  }

  /** The type of a field as it stands before the name. Messages that it needs go into `nested`. */
  private declaration(type: SqlType, nested: string[]): string {
    if (type.kind === 'ARRAY') return `repeated ${this.declaration(type.element, nested)}`;
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

const indented = (text: string): string => text.replace(/^(?=.)/gm, '  ');

/** Names that protobuf knows: letters, digits and underscores, each once. */
function fieldNames(fields: readonly StructField[]): readonly string[] {
  const taken = new Set<string>();
  return fields.map((field, i) => {
    const plain = field.name.replace(/[^A-Za-z0-9_]/g, '_').replace(/^(?![A-Za-z])/, 'f');
    const name = taken.has(plain) ? `${plain}_${i + 1}` : plain;
    taken.add(name);
    return name;
  });
}
