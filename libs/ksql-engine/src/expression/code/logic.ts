import { NULL_CONDITION } from '../operations/failure.js';
import { isDecisive } from '../operations/logic.js';
import type { Emit } from './emitter.js';

export const emitLogical: Emit<'logical'> = ({ operator, left, right }, emitter) => {
  const first = emitter.emit(left);
  if (isDecisive(operator, right)) return { code: String(right.value), isNullable: false };
  emitter.require(first, NULL_CONDITION);
  const result = emitter.name('t');
  emitter.line(`let ${result} = ${first.code};\nif (${operator === 'AND' ? '' : '!'}${result}) {`);
  const second = emitter.emit(right);
  emitter.require(second, NULL_CONDITION);
  emitter.line(`${result} = ${second.code};\n}`);
  return { code: result, isNullable: false };
};

export const emitNot: Emit<'not'> = ({ operand }, emitter) => {
  const value = emitter.emit(operand);
  emitter.require(value, NULL_CONDITION);
  return emitter.keep(`!${value.code}`, false);
};

export const emitIsNull: Emit<'isNull'> = ({ operand, negated }, emitter) => {
  const value = emitter.emit(operand);
  return emitter.keep(value.isNullable ? `${value.code} ${negated ? '!==' : '==='} null` : String(negated), false);
};

export const emitCase: Emit<'case'> = ({ whens, otherwise }, emitter) => {
  const result = emitter.name('t');
  const label = emitter.name('L');
  emitter.line(`let ${result} = null;\n${label}: {`);
  for (const { condition, result: branch } of whens) {
    const holds = emitter.emit(condition);
    emitter.require(holds, NULL_CONDITION);
    emitter.line(`if (${holds.code}) {`);
    const value = emitter.emit(branch);
    emitter.line(`${result} = ${value.code};\nbreak ${label};\n}`);
  }
  if (otherwise !== undefined) {
    const value = emitter.emit(otherwise);
    emitter.line(`${result} = ${value.code};`);
  }
  emitter.line('}');
  return { code: result, isNullable: true };
};
