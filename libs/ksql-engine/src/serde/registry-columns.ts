import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import type { SqlType, StructField } from '../types/sql-type.js';
import type { InferenceOptions, InferredColumns } from './registry-codec.js';

/** Columns and fields of one schema, inner ones too: a short text may name more than memory holds. */
const INFERRED_FIELDS_MAX = 10_000;

/**
 * How inferred names are spelled: as the schema has them where the statement named it by id, else in upper case. To be asked once per field.
 * @throws KsqlError once it was asked for more fields than a source may have
 */
export function nameSpelling({ isById }: InferenceOptions): (name: string) => string {
  let count = 0;
  return (name) => {
    if (++count > INFERRED_FIELDS_MAX) {
      throw new KsqlError(
        `The schema has more than ${INFERRED_FIELDS_MAX} fields. Declare the columns that are wanted`,
      );
    }
    return isById ? name : name.toUpperCase();
  };
}

/** @throws KsqlError where the schema has no type for SQL */
export function bareColumn(type: SqlType | undefined, { isKey }: InferenceOptions): Column {
  if (type === undefined) {
    throw new KsqlError(`The ${isKey ? 'key' : 'value'} schema has a type that no column can have`);
  }
  return { name: isKey ? 'ROWKEY' : 'ROWVAL', type };
}

/** @throws KsqlError with `reason` where a MAP has other keys than texts */
export function requireTextKeys(fields: readonly StructField[], reason: string): void {
  for (const { name, type } of fields) {
    if (type.kind === 'ARRAY') requireTextKeys([{ name, type: type.element }], reason);
    else if (type.kind === 'STRUCT') requireTextKeys(type.fields, reason);
    else if (type.kind === 'MAP') {
      if (type.key.kind !== 'STRING') throw new KsqlError(reason);
      requireTextKeys([{ name, type: type.value }], reason);
    }
  }
}

/** What a codec infers; whatever is wrong with a schema is a mistake of the statement that names it. */
export function inferring(infer: () => InferredColumns): InferredColumns {
  try {
    return infer();
  } catch (error) {
    if (error instanceof KsqlError || !(error instanceof Error)) throw error;
    throw new KsqlError(error.message);
  }
}
