import type { SqlValue } from '../../types/sql-value.js';
import type { PseudoColumn } from '../../catalog/schema.js';
import { must } from '../../errors/assert.js';
import type { Emit, Emitter } from './emitter.js';
import type { RecordFact } from './frame.js';

/** Small whole numbers, booleans and NULL are written out; all else is a constant. */
export function literalCode(value: SqlValue, emitter: Emitter): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) {
    return value < 0 ? `(${value})` : String(value);
  }
  return emitter.constant(value);
}

export const emitLiteral: Emit<'literal'> = ({ value }, emitter) => ({
  code: literalCode(value, emitter),
  isNullable: value === null,
});

export const emitKeyColumn: Emit<'keyColumn'> = ({ index }, emitter) => emitter.column('key', index);
export const emitValueColumn: Emit<'valueColumn'> = ({ index }, emitter) => emitter.column('value', index);

const FIELDS: Readonly<Record<PseudoColumn, { readonly field: RecordFact; readonly isBound: boolean }>> = {
  ROWTIME: { field: 'timestamp', isBound: false },
  ROWPARTITION: { field: 'partition', isBound: false },
  ROWOFFSET: { field: 'offset', isBound: false },
  WINDOWSTART: { field: 'windowStart', isBound: true },
  WINDOWEND: { field: 'windowEnd', isBound: true },
};

export const emitPseudoColumn: Emit<'pseudoColumn'> = ({ name }, emitter) => {
  const { field, isBound } = FIELDS[name];
  const value = emitter.keep(emitter.frame.fact(field), false);
  return isBound ? emitter.keep(`${value.code} < 0 ? null : ${value.code}`, true) : value;
};

export const emitLambdaVariable: Emit<'lambdaVariable'> = ({ name }, emitter) => ({
  code: must(emitter.variables.get(name), `lambda argument ${name}`),
  isNullable: true,
});
