import type { ResolvedReference } from '../../ports/schema-registry.js';
import {
  parseProtoFile,
  type EnumDefinition,
  type FieldDefinition,
  type MessageDefinition,
  type ProtoFile,
} from './proto-file.js';

/** What a field's type is. `unknown`: a message that nothing defines, whose fields are stepped over. */
export type ProtoType =
  | { readonly kind: 'scalar'; readonly name: ProtoScalar }
  | { readonly kind: 'enum'; readonly definition: EnumDefinition }
  | { readonly kind: 'message'; readonly definition: MessageDefinition }
  | { readonly kind: 'unknown'; readonly name: string };

const SCALARS = [
  'double',
  'float',
  'int32',
  'int64',
  'uint32',
  'uint64',
  'sint32',
  'sint64',
  'fixed32',
  'fixed64',
  'sfixed32',
  'sfixed64',
  'bool',
  'string',
  'bytes',
] as const;
export type ProtoScalar = (typeof SCALARS)[number];
const SCALAR_NAMES: ReadonlySet<string> = new Set(SCALARS);

/** Messages that any text may use; their files need not be registered with it. */
const KNOWN_FILES: readonly string[] = [
  `syntax = "proto3"; package google.protobuf;
   message Timestamp { int64 seconds = 1; int32 nanos = 2; }
   message Duration { int64 seconds = 1; int32 nanos = 2; }
   message Empty {}
   message DoubleValue { double value = 1; }
   message FloatValue { float value = 1; }
   message Int64Value { int64 value = 1; }
   message UInt64Value { uint64 value = 1; }
   message Int32Value { int32 value = 1; }
   message UInt32Value { uint32 value = 1; }
   message BoolValue { bool value = 1; }
   message StringValue { string value = 1; }
   message BytesValue { bytes value = 1; }`,
  `syntax = "proto3"; package google.type;
   message Date { int32 year = 1; int32 month = 2; int32 day = 3; }
   message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }`,
  `syntax = "proto3"; package confluent.type;
   message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }`,
];

/** A `.proto` text with all that it imports. */
export class ProtoSchema {
  private readonly root: ProtoFile;
  private readonly messages = new Map<string, MessageDefinition>();
  private readonly enums = new Map<string, EnumDefinition>();

  /** @throws Error that says what is wrong with the text, or with one that it imports */
  constructor(text: string, references: readonly ResolvedReference[] = []) {
    for (const known of KNOWN_FILES) this.add(parseProtoFile(known));
    for (const reference of references) {
      try {
        this.add(parseProtoFile(reference.text));
      } catch (error) {
        throw new Error(`${reference.name}: ${(error as Error).message}`, { cause: error });
      }
    }
    this.root = parseProtoFile(text);
    this.add(this.root);
  }

  private add({ messages, enums }: Pick<MessageDefinition, 'messages' | 'enums'>): void {
    for (const definition of enums) this.enums.set(definition.fullName, definition);
    for (const message of messages) {
      this.messages.set(message.fullName, message);
      this.add(message);
    }
  }

  /**
   * The message of a full name, with or without the package; without a name the first of the text.
   * @throws Error listing the messages where there is none
   */
  message(fullName: string | undefined): MessageDefinition {
    const names = [...this.paths().keys()];
    const found =
      fullName === undefined
        ? this.root.messages[0]
        : (this.named(fullName.replace(/^\./, '')) ?? this.named(`${this.root.packageName}.${fullName}`));
    if (found !== undefined) return found;
    throw new Error(
      fullName === undefined
        ? 'The .proto text has no message'
        : `The .proto text has no message ${fullName}, only ${names.slice(0, 20).join(', ')}`,
    );
  }

  private named(fullName: string): MessageDefinition | undefined {
    return this.paths().has(fullName) ? this.messages.get(fullName) : undefined;
  }

  /** How records name a message of the text: its place among the messages, then those in it. */
  pathOf(message: MessageDefinition): readonly number[] {
    return this.paths().get(message.fullName) ?? [];
  }

  /** The message at such a path; undefined when there is none. */
  messageAt(path: readonly number[]): MessageDefinition | undefined {
    let messages: readonly MessageDefinition[] = this.root.messages;
    let found: MessageDefinition | undefined;
    for (const index of path) {
      found = messages[index];
      if (found === undefined) return undefined;
      ({ messages } = found);
    }
    return found;
  }

  private known: ReadonlyMap<string, readonly number[]> | undefined;
  private paths(): ReadonlyMap<string, readonly number[]> {
    if (this.known !== undefined) return this.known;
    const paths = new Map<string, readonly number[]>();
    const visit = (messages: readonly MessageDefinition[], outer: readonly number[]): void => {
      messages.forEach((message, i) => {
        paths.set(message.fullName, [...outer, i]);
        visit(message.messages, [...outer, i]);
      });
    };
    visit(this.root.messages, []);
    return (this.known = paths);
  }

  /** The type of a field's values, as its name means it inside its message. */
  typeOf(field: Pick<FieldDefinition, 'typeName'>, scope: MessageDefinition): ProtoType {
    const { typeName } = field;
    if (SCALAR_NAMES.has(typeName)) return { kind: 'scalar', name: typeName as ProtoScalar };
    if (typeName.startsWith('.')) return this.lookup(typeName.slice(1)) ?? { kind: 'unknown', name: typeName };
    for (let outer = scope.fullName; ; outer = outer.slice(0, Math.max(0, outer.lastIndexOf('.')))) {
      const found = this.lookup(outer === '' ? typeName : `${outer}.${typeName}`);
      if (found !== undefined) return found;
      if (outer === '') return { kind: 'unknown', name: typeName };
    }
  }

  private lookup(fullName: string): ProtoType | undefined {
    const message = this.messages.get(fullName);
    if (message !== undefined) return { kind: 'message', definition: message };
    const definition = this.enums.get(fullName);
    return definition && { kind: 'enum', definition };
  }
}
