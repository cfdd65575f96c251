import { must } from '../../../errors/assert.js';
import type { SqlType } from '../../../types/sql-type.js';

/** The element type of the ARRAY given as argument. */
export function elementType(types: readonly (SqlType | null)[], index = 0): SqlType {
  const type = must(types[index], `type of argument ${index + 1}`);
  if (type.kind !== 'ARRAY') throw new Error(`not an ARRAY: ${type.kind}`);
  return type.element;
}
