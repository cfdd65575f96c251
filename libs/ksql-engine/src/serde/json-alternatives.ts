import type { SqlType, StructType } from '../types/sql-type.js';

/** What Connect calls the n-th alternative of several types. */
export const alternativeName = (index: number): string => `connect_union_field_${index}`;

const ALTERNATIVE = /^connect_union_field_\d+$/i;

/** Whether a STRUCT stands for a value that has one of several types. */
export const isAlternatives = ({ fields }: StructType): boolean =>
  fields.length > 1 && fields.every(({ name }) => ALTERNATIVE.test(name));

const WHOLE: readonly SqlType['kind'][] = ['INTEGER', 'BIGINT', 'DATE', 'TIME', 'TIMESTAMP'];
const FRACTIONS: readonly SqlType['kind'][] = ['DOUBLE', 'DECIMAL'];
const KINDS: Readonly<Record<string, readonly SqlType['kind'][]>> = {
  true: ['BOOLEAN'],
  false: ['BOOLEAN'],
  string: ['STRING', 'BYTES'],
  array: ['ARRAY', 'MAP'],
  object: ['STRUCT', 'MAP'],
};

/**
 * The first alternative that takes JSON of a kind; −1: none does. A number without a fraction is a whole one where there is such an
 * alternative.
 */
export function alternativeOf({ fields }: StructType, kind: string, number: string): number {
  const firstOf = (kinds: readonly SqlType['kind'][]): number =>
    fields.findIndex(({ type }) => kinds.includes(type.kind));
  if (kind !== 'number') return firstOf(KINDS[kind] ?? []);
  const whole = /^-?\d+$/.test(number) ? firstOf(WHOLE) : -1;
  return whole >= 0 ? whole : firstOf(FRACTIONS);
}
