import { InvalidSchemaError, type SchemaDefinition } from '../../ports/schema-registry.js';

/** The text that a schema is known by: JSON without blanks, .proto as it is. @throws InvalidSchemaError */
export function canonicalText({ type, text }: SchemaDefinition): string {
  if (type === 'PROTOBUF') {
    if (!/\b(message|enum)\s+\w+\s*\{/.test(text)) throw invalid(text, 'no message');
    return text;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    // A bare name of a type is a schema too.
    if (type === 'AVRO' && /^\w+$/.test(text.trim())) return JSON.stringify(text.trim());
    throw invalid(text, String(error));
  }
  if (type === 'AVRO') requireAvro(parsed, text);
  else if (typeof parsed !== 'object' && typeof parsed !== 'boolean') throw invalid(text, 'neither object nor boolean');
  return JSON.stringify(parsed);
}

function requireAvro(schema: unknown, text: string): void {
  if (typeof schema === 'string') return;
  if (Array.isArray(schema)) {
    for (const branch of schema) requireAvro(branch, text);
    return;
  }
  if (typeof schema !== 'object' || schema === null || !('type' in schema)) throw invalid(text, 'no type');
  const { type } = schema;
  if (type !== 'record') {
    if (typeof type !== 'string') requireAvro(type, text);
    return;
  }
  const fields = 'fields' in schema ? schema.fields : undefined;
  if (!('name' in schema) || !Array.isArray(fields)) throw invalid(text, 'a record without name or fields');
  for (const field of fields as unknown[]) requireAvro(field, text);
}

const invalid = (text: string, reason: string): InvalidSchemaError =>
  new InvalidSchemaError(`Input schema is an invalid schema: ${reason}: ${text.slice(0, 200)}`);
