import type { BoundArgument, BoundExpression } from '../../analyze/bound-expression.js';
import { bindFunction, expressionsOf } from '../operations/call.js';
import { part } from './construction.js';
import { Emitter, type Emit, type Operand } from './emitter.js';

export const emitCall: Emit<'call'> = (node, emitter) => {
  const { functions, context, budget } = emitter.program;
  const { evaluate, nullOnNull, isFirstKnown } = bindFunction(node, functions, context, budget, emitter.isInLambda);
  if (isFirstKnown) return emitFirstKnown(expressionsOf(node.args), emitter);
  const result = emitter.name('t');
  const label = emitter.name('L');
  emitter.line(`let ${result} = null;\n${label}: {`);
  const args = node.args.map((argument) => {
    const value = emitArgument(argument, emitter);
    if (nullOnNull && value.isNullable) emitter.line(`if (${value.code} === null) break ${label};`);
    return value.code;
  });
  emitter.line(`${result} = ${emitter.throwing(evaluate)}([${args.join(', ')}]);\n}`);
  return { code: result, isNullable: true };
};

function emitFirstKnown(args: readonly BoundExpression[], emitter: Emitter): Operand {
  const result = emitter.name('t');
  emitter.line(`let ${result} = null;`);
  for (const argument of args) {
    emitter.line(`if (${result} === null) {`);
    emitter.line(`${result} = ${part(argument, emitter).code};\n}`);
  }
  return { code: result, isNullable: true };
}

function emitArgument(argument: BoundArgument, emitter: Emitter): Operand {
  switch (argument.kind) {
    case 'expression':
      return emitter.emit(argument.expression);
    case 'unit':
      return { code: emitter.constant(argument.unit), isNullable: false };
    case 'lambda':
      return emitLambda(argument, emitter);
  }
}

/**
 * A lambda is a function of its own, made once; it reads the record from variables outside. One inside another lambda is
 * made for each call of the outer one, since it sees its parameters.
 */
function emitLambda(lambda: Extract<BoundArgument, { kind: 'lambda' }>, emitter: Emitter): Operand {
  const names = lambda.parameters.map((parameter) => [parameter, emitter.name('p')] as const);
  const inner = new Emitter(
    emitter.program,
    emitter.frame.lambda ?? emitter.frame,
    new Map([...emitter.variables, ...names]),
  );
  const value = inner.emit(lambda.body);
  const name = emitter.name('l');
  const code = `const ${name} = (${names.map(([, identifier]) => identifier).join(', ')}) => {\n${emitter.throwing(emitter.program.budget)}.spend(1);\n${inner.code()}\nreturn ${value.code};\n};`;
  if (emitter.isInLambda) emitter.line(code);
  else emitter.program.hoisted.push(code);
  return { code: name, isNullable: false };
}
