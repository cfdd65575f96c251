import type { Column, DataSource, SqlType } from '@isobar/ksql-engine';

/** ksqlDB's SchemaInfo and FieldInfo objects (REST reference, A.4). */
export function schemaInfo(type: SqlType): Record<string, unknown> {
  switch (type.kind) {
    case 'STRUCT':
      return {
        type: 'STRUCT',
        fields: type.fields.map((field) => ({ name: field.name, schema: schemaInfo(field.type) })),
        memberSchema: null,
      };
    case 'ARRAY':
      return { type: 'ARRAY', fields: null, memberSchema: schemaInfo(type.element) };
    case 'MAP':
      return { type: 'MAP', fields: null, memberSchema: schemaInfo(type.value) };
    case 'DECIMAL':
      return {
        type: 'DECIMAL',
        fields: null,
        memberSchema: null,
        parameters: { precision: type.precision, scale: type.scale },
      };
    default:
      return { type: type.kind, fields: null, memberSchema: null };
  }
}

export function fieldInfos(source: Pick<DataSource, 'schema'>): readonly Record<string, unknown>[] {
  return [
    ...source.schema.key.map((column) => ({ name: column.name, schema: schemaInfo(column.type), type: 'KEY' })),
    ...source.schema.value.map(valueField),
  ];
}

function valueField(column: Column): Record<string, unknown> {
  const field = { name: column.name, schema: schemaInfo(column.type) };
  if (!column.header) return field;
  return { ...field, type: 'HEADER', ...(column.header.kind === 'one' ? { headerKey: column.header.key } : {}) };
}

/** A column of an answer. */
export const fieldSchema = (
  column: { readonly name: string; readonly type: SqlType; readonly isKey: boolean },
  marksKeys: boolean,
): Record<string, unknown> => ({
  name: column.name,
  schema: schemaInfo(column.type),
  ...(marksKeys && column.isKey ? { type: 'KEY' } : {}),
});
