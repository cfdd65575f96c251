import { formatParameterType } from '../functions/format-parameter.js';
import type { Parameter } from '../functions/function.js';
import { formatTypeWith } from '../types/format-type.js';
import type { SqlType } from '../types/sql-type.js';

/** An argument's type as messages about functions spell it: as `formatTypeWith`, but with bare field names. */
export const formatArgumentType = (type: SqlType): string => formatTypeWith(type, (name) => name);

/** `VARCHAR input`, `T... others`. */
export function formatParameter({ name, type }: Parameter, isVariadic: boolean): string {
  return `${formatParameterType(type)}${isVariadic ? '...' : ''} ${name}`;
}
