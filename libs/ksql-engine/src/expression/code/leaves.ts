import type { SqlValue } from '../../types/sql-value.js';
import type { PseudoColumn } from '../../catalog/schema.js';
import { must } from '../../errors/assert.js';
import type { SqlType } from '../../types/sql-type.js';
import { GROWING } from '../operations/call.js';
import type { Emit, Emitter, Operand } from './emitter.js';
import type { RecordFact } from './frame.js';

/** Small whole numbers, booleans and NULL are written out; all else is a constant. */
export function literalCode(value: SqlValue, emitter: Emitter): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)) {
    return value < 0 ? `(${value})` : String(value);
  }
  return emitter.constant(value);
}

/** A lambda runs many times, so what it reads is paid for each time. */
function paidInLambda(value: Operand, type: SqlType | null, emitter: Emitter): Operand {
  if (!emitter.isInLambda || !GROWING.has(type?.kind)) return value;
  return emitter.keep(`${emitter.throwing(emitter.program.budget)}.payToRead(${value.code})`, value.isNullable);
}

export const emitLiteral: Emit<'literal'> = ({ value, type }, emitter) =>
  paidInLambda({ code: literalCode(value, emitter), isNullable: value === null }, type, emitter);

export const emitKeyColumn: Emit<'keyColumn'> = ({ index, type }, emitter) =>
  paidInLambda(emitter.column('key', index), type, emitter);
export const emitValueColumn: Emit<'valueColumn'> = ({ index, type }, emitter) =>
  paidInLambda(emitter.column('value', index), type, emitter);

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

export const emitLambdaVariable: Emit<'lambdaVariable'> = ({ name, type }, emitter) =>
  paidInLambda({ code: must(emitter.variables.get(name), `lambda argument ${name}`), isNullable: true }, type, emitter);
