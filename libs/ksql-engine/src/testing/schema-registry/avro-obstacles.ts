/** A parsed Avro schema. */
type Avro = string | readonly Avro[] | AvroObject;
interface AvroObject {
  readonly type: Avro;
  readonly fields?: readonly (AvroObject & { readonly name: string; readonly default?: unknown })[];
  readonly items?: Avro;
  readonly values?: Avro;
}

const WIDENS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

const isList = (schema: Avro): schema is readonly Avro[] => Array.isArray(schema);
const isName = (schema: Avro): schema is string => typeof schema === 'string';
const inner = (schema: Avro): Avro =>
  isName(schema) || isList(schema) || !(isList(schema.type) || !isName(schema.type)) ? schema : inner(schema.type);
const kindOf = (schema: string | AvroObject): string => (isName(schema) ? schema : String(schema.type));

/** Why data of `writer` cannot be read with `reader`, by Avro's rules of resolution: what BACKWARD asks of the next version. */
export function avroObstacles(reader: Avro, writer: Avro, path = '/'): readonly string[] {
  const [to, from] = [inner(reader), inner(writer)];
  if (isList(from)) return from.flatMap((branch) => avroObstacles(to, branch, path));
  if (isList(to)) {
    const fits = to.some((branch) => avroObstacles(branch, from, path).length === 0);
    return fits ? [] : [`MISSING_UNION_BRANCH at ${path}: the union lacks ${kindOf(from)}`];
  }
  const [toKind, fromKind] = [kindOf(to), kindOf(from)];
  if (toKind !== fromKind) {
    if (WIDENS[fromKind]?.includes(toKind) === true) return [];
    return [`TYPE_MISMATCH at ${path}: reader type ${toKind} is not compatible with writer type ${fromKind}`];
  }
  if (isName(to) || isName(from)) return [];
  if (to.items !== undefined && from.items !== undefined) return avroObstacles(to.items, from.items, `${path}items/`);
  if (to.values !== undefined && from.values !== undefined)
    return avroObstacles(to.values, from.values, `${path}values/`);
  return (to.fields ?? []).flatMap((field) => {
    const before = from.fields?.find(({ name }) => name === field.name);
    if (before !== undefined) return avroObstacles(field.type, before.type, `${path}fields/${field.name}/`);
    return 'default' in field
      ? []
      : [`READER_FIELD_MISSING_DEFAULT_VALUE at ${path}fields/${field.name}: it has no default`];
  });
}
