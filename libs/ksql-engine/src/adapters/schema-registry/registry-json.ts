import { RegistryUnreachableError, type SchemaReference, type SchemaType } from '../../ports/schema-registry.js';

/** Reads what a registry answers; what is no such answer comes from another kind of server. */
type Fields = Readonly<Record<string, unknown>>;

const strange = (what: string): RegistryUnreachableError =>
  new RegistryUnreachableError(`The answer is not that of a schema registry: ${what}`);

export function fields(body: unknown): Fields {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw strange('no object');
  return body as Fields;
}

function number(from: Fields, name: string): number {
  const value = from[name];
  if (typeof value !== 'number') throw strange(`its '${name}' is no number`);
  return value;
}

/** The id of a schema: above zero, of four bytes. */
export function schemaId(from: Fields): number {
  const id = number(from, 'id');
  if (!Number.isInteger(id) || id < 1 || id > 0x7fff_ffff) throw strange(`its 'id' is ${id}`);
  return id;
}

export function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value !== 'string') throw strange(`its '${name}' is no text`);
  return value;
}

export function flag(from: Fields, name: string): boolean {
  const value = from[name];
  if (typeof value !== 'boolean') throw strange(`its '${name}' is neither true nor false`);
  return value;
}

/** Empty where there is none. */
export function list(from: Fields, name: string): readonly unknown[] {
  const value = from[name] ?? [];
  if (!Array.isArray(value)) throw strange(`its '${name}' is no list`);
  return value;
}

export const referenceList = (from: Fields): readonly SchemaReference[] =>
  list(from, 'references').map((each) => {
    const reference = fields(each);
    return {
      name: text(reference, 'name'),
      subject: text(reference, 'subject'),
      version: number(reference, 'version'),
    };
  });

/** AVRO where it is not said. */
export function schemaType(from: Fields): SchemaType {
  const type = from['schemaType'] ?? 'AVRO';
  if (type === 'AVRO' || type === 'JSON' || type === 'PROTOBUF') return type;
  throw strange(`schemas of the type ${JSON.stringify(type)} are not known here`);
}
