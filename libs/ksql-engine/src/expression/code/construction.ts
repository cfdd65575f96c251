import type { BoundExpression } from '../../analyze/bound-expression.js';
import { formatBound } from '../../analyze/format-bound.js';
import { elementAt, valueAt } from '../operations/access.js';
import { NULL_INDEX } from '../operations/failure.js';
import type { Emit, Emitter, Operand } from './emitter.js';

export const part = (expression: BoundExpression, emitter: Emitter): Operand =>
  emitter.part(formatBound(expression), () => emitter.emit(expression));

export const emitArray: Emit<'array'> = ({ items }, emitter) => {
  const parts = items.map((item) => part(item, emitter).code);
  return emitter.keep(`[${parts.join(', ')}]`, false);
};

export const emitStruct: Emit<'struct'> = ({ values }, emitter) => {
  const parts = values.map((value) => part(value, emitter).code);
  return emitter.keep(`[${parts.join(', ')}]`, false);
};

export const emitMap: Emit<'map'> = ({ entries }, emitter) => {
  const map = emitter.keep('new Map()', false);
  for (const { key, value } of entries) {
    const keyPart = part(key, emitter);
    const valuePart = part(value, emitter);
    emitter.line(`${map.code}.set(${keyPart.code}, ${valuePart.code});`);
  }
  return map;
};

export const emitArrayElement: Emit<'arrayElement'> = ({ base, index }, emitter) =>
  ofBase(emitter.emit(base), emitter, (array) => {
    const position = emitter.emit(index);
    emitter.require(position, NULL_INDEX);
    return `${emitter.constant(elementAt)}(${array}, ${position.code})`;
  });

export const emitMapValue: Emit<'mapValue'> = ({ base, key }, emitter) =>
  ofBase(emitter.emit(base), emitter, (map) => `${emitter.constant(valueAt)}(${map}, ${emitter.emit(key).code})`);

export const emitStructField: Emit<'structField'> = ({ base, index }, emitter) =>
  ofBase(emitter.emit(base), emitter, (struct) => `${struct}[${index}] ?? null`);

/** NULL of a base that is NULL; what stands inside is not evaluated then. */
function ofBase(base: Operand, emitter: Emitter, access: (base: string) => string): Operand {
  const result = emitter.name('t');
  emitter.line(`let ${result} = null;\n${base.isNullable ? `if (${base.code} !== null) ` : ''}{`);
  const code = access(base.code);
  emitter.line(`${result} = ${code};\n}`);
  return { code: result, isNullable: true };
}
