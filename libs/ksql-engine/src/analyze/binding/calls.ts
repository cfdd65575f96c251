import { KsqlError } from '../../errors/sql-error.js';
import { formatParameterType } from '../../functions/format-parameter.js';
import type { ParameterType, ScalarOverload, SqlFunction, TableOverload } from '../../functions/function.js';
import type { Expression, FunctionCall, Lambda } from '../../syntax/ast/expression.js';
import { sameType, type SqlType } from '../../types/sql-type.js';
import type { SqlValue } from '../../types/sql-value.js';
import type { BoundAggregateCall, BoundArgument, BoundExpression, BoundTableCall } from '../bound-expression.js';
import { formatType } from '../../types/format-type.js';
import { formatBound } from '../format-bound.js';
import { spellFunction } from '../function-spelling.js';
import { instantiate, matchType, resolveOverload, type ArgumentShape, type Resolution } from '../resolve-function.js';
import type { Binder } from './binder.js';
import { coerceTo } from './common-type.js';

/** @throws KsqlError for an unknown name */
function findFunction(name: string, binder: Binder): SqlFunction {
  const found = binder.context.functions.find(name.toUpperCase());
  if (found === undefined) throw new KsqlError(`Can't find any functions with the name '${name}'`);
  return found;
}

/** An argument before its overload is known: lambdas wait for the types of their parameters. */
type Argument =
  | { readonly kind: 'expression'; readonly expression: BoundExpression }
  | { readonly kind: 'lambda'; readonly lambda: Lambda }
  | Extract<BoundArgument, { kind: 'unit' }>;

function prepare(argument: Expression, binder: Binder): Argument {
  if (argument.kind === 'lambda') {
    requireFreshNames(argument, binder);
    return { kind: 'lambda', lambda: argument };
  }
  if (argument.kind === 'intervalUnit') return { kind: 'unit', unit: argument.unit };
  return { kind: 'expression', expression: binder.bind(argument) };
}

function shapeOf(argument: Argument): ArgumentShape {
  switch (argument.kind) {
    case 'lambda':
      return { kind: 'lambda', parameterCount: argument.lambda.parameters.length };
    case 'unit':
      return { kind: 'unit' };
    case 'expression': {
      const { type } = argument.expression;
      return type === null ? { kind: 'null' } : { kind: 'typed', type };
    }
  }
}

/** Parameters of a lambda hide nothing: neither a column, nor each other, nor those of a lambda around it. */
function requireFreshNames({ parameters }: Lambda, binder: Binder): void {
  if (new Set(parameters).size < parameters.length) {
    throw new KsqlError(`Lambda arguments have duplicates: [${parameters.join(', ')}]`);
  }
  for (const name of parameters) {
    if (binder.variables.has(name)) throw new KsqlError('Reusing lambda arguments in nested lambda is not allowed');
    if (isColumn(name, binder)) throw new KsqlError(`Lambda function argument can't be a column name: ${name}`);
  }
}

function isColumn(name: string, binder: Binder): boolean {
  try {
    return binder.scope.resolve(name, undefined).kind !== 'pseudoColumn';
  } catch {
    return false;
  }
}

export function bindScalarCall(call: FunctionCall, binder: Binder): BoundExpression {
  const found = findFunction(call.name, binder);
  if (found.kind !== 'scalar') {
    const kind = found.kind === 'aggregate' ? 'Aggregate' : 'Table';
    throw new KsqlError(`${kind} function ${found.name} cannot be used here: ${describeUse(found.kind)}`);
  }
  const name = spellFunction(found);
  const args = call.args.map((argument) => prepare(argument, binder));
  const resolution = resolveOverload(found, args.map(shapeOf));
  const bound = bindArguments(args, resolution, binder);
  const overload = found.overloads[resolution.overload];
  const types = bound.map(typeOfArgument);
  return {
    kind: 'call',
    function: found.name,
    overload: resolution.overload,
    args: bound,
    type: resultType(name, overload, types, args),
  };
}

const describeUse = (kind: 'aggregate' | 'table'): string =>
  kind === 'aggregate' ? 'it needs a GROUP BY, in SELECT or HAVING' : 'it is allowed as an item of SELECT only';

/** What functions see as type of an argument: the result type of a lambda, null for NULL and for a unit. */
function typeOfArgument(argument: BoundArgument): SqlType | null {
  switch (argument.kind) {
    case 'expression':
      return argument.expression.type;
    case 'lambda':
      return argument.body.type;
    case 'unit':
      return null;
  }
}

/** A result type that follows from the arguments cannot follow from a NULL literal. */
function resultType(
  name: string,
  overload: ScalarOverload | TableOverload | undefined,
  types: readonly (SqlType | null)[],
  args: readonly Argument[],
): SqlType {
  const returns = overload?.returns;
  if (typeof returns !== 'function') {
    if (returns === undefined) throw new Error(`missing: overload of ${name}`);
    return returns;
  }
  const untyped = args.findIndex((argument) => argument.kind === 'expression' && argument.expression.type === null);
  if (untyped >= 0) {
    throw new KsqlError(
      `The result type of function '${name}' cannot be inferred from NULL as argument ${untyped + 1}: use CAST(null AS …)`,
    );
  }
  try {
    return returns(types);
  } catch (cause) {
    throw new KsqlError(
      `Function '${name}' has no result type: ${cause instanceof Error ? cause.message : String(cause)}`,
    );
  }
}

function bindArguments(args: readonly Argument[], resolution: Resolution, binder: Binder): readonly BoundArgument[] {
  const generics = new Map(resolution.generics);
  return args.map((argument, i): BoundArgument => {
    switch (argument.kind) {
      case 'unit':
        return argument;
      case 'expression': {
        const type = resolution.types[i] ?? null;
        const { expression } = argument;
        return { kind: 'expression', expression: type === null ? expression : convert(expression, type) };
      }
      case 'lambda': {
        const parameter = resolution.parameters[i];
        if (parameter?.kind !== 'lambda') throw new Error('missing: parameter of a lambda');
        return bindLambda(argument.lambda, parameter, generics, binder);
      }
    }
  });
}

/** Numbers in literals convert in place; a text stays to be parsed by the implicit cast, which gives NULL when it fails. */
function convert(expression: BoundExpression, type: SqlType): BoundExpression {
  if (expression.type === null || sameType(expression.type, type)) return expression;
  if (expression.type.kind === 'STRING') return { kind: 'cast', operand: expression, implicit: true, type };
  return coerceTo(expression, type);
}

function bindLambda(
  { parameters, body }: Lambda,
  pattern: Extract<ParameterType, { kind: 'lambda' }>,
  generics: Map<string, SqlType>,
  binder: Binder,
): BoundArgument {
  const types = pattern.parameters.map((parameter) => instantiate(parameter, generics));
  const variables = new Map<string, SqlType>();
  for (const [i, name] of parameters.entries()) {
    const type = types[i];
    if (type === undefined) {
      throw new KsqlError(`The type of lambda argument ${name} cannot be inferred from NULL: use CAST(null AS …)`);
    }
    variables.set(name, type);
  }
  const bound = binder.within(variables).bind(body);
  if (bound.type === null) {
    throw new KsqlError(
      `The result type of lambda (${parameters.join(', ')}) cannot be inferred from NULL: use CAST(null AS …)`,
    );
  }
  const known = instantiate(pattern.result, generics);
  if (matchType(pattern.result, bound.type, generics, false) === undefined) {
    const given = [...variables.values()].map(formatType).join(', ');
    const lambda = `LAMBDA (${given}) => ${formatType(bound.type)}`;
    throw new KsqlError(
      pattern.result.kind === 'generic' && known !== undefined
        ? `Found invalid instance of generic schema when mapping ${formatParameterType(pattern)} to ${lambda}. ` +
            `Cannot map ${pattern.result.name} to both ${formatType(known)} and ${formatType(bound.type)}`
        : `Cannot infer generics for ${formatParameterType(pattern)} from ${lambda} because they do not have the same schema structure.`,
    );
  }
  return { kind: 'lambda', parameters, body: bound };
}

/** Column arguments and the constants after them. @throws KsqlError for a constant that is no literal */
export function bindAggregate(call: FunctionCall, binder: Binder): BoundAggregateCall {
  const found = findFunction(call.name, binder);
  if (found.kind !== 'aggregate') throw new KsqlError(`${found.name} is not an aggregate function`);
  const bound = call.args.map((argument) => binder.bind(argument));
  const shapes = bound.map(({ type }): ArgumentShape => (type === null ? { kind: 'null' } : { kind: 'typed', type }));
  const resolution = resolveOverload(found, shapes);
  const overload = found.overloads[resolution.overload];
  if (overload === undefined) throw new Error(`missing: overload of ${found.name}`);
  const columnCount = bound.length - overload.constantCount;
  const constants = bound
    .slice(columnCount)
    .map((argument, i) =>
      constantOf(argument, columnCount + i + 1, found.name, resolution.types[columnCount + i] ?? null),
    );
  const args = bound.slice(0, columnCount).map((argument, i) => {
    const type = resolution.types[i];
    if (type === null || type === undefined) throw new KsqlError('NULL expression not supported.');
    return convert(argument, type);
  });
  const types = args.map((argument) => argument.type).filter((type): type is SqlType => type !== null);
  return {
    function: found.name,
    overload: resolution.overload,
    args,
    constants,
    type: overload.returns(types),
    stateType: overload.stateType(types),
  };
}

function constantOf(argument: BoundExpression, position: number, name: string, type: SqlType | null): SqlValue {
  if (argument.kind !== 'literal') {
    throw new KsqlError(
      `Parameter ${position} passed to function ${name} must be a literal constant, but was expression: '${formatBound(argument)}'`,
    );
  }
  const constant = type === null ? argument : coerceTo(argument, type);
  return constant.kind === 'literal' ? constant.value : null;
}

export function bindTable(call: FunctionCall, binder: Binder): BoundTableCall {
  const found = findFunction(call.name, binder);
  if (found.kind !== 'table') throw new KsqlError(`${found.name} is not a table function`);
  const args = call.args.map((argument) => prepare(argument, binder));
  const resolution = resolveOverload(found, args.map(shapeOf));
  const bound = bindArguments(args, resolution, binder).map((argument) => {
    if (argument.kind !== 'expression') throw new KsqlError(`${found.name} takes values only`);
    return argument.expression;
  });
  const types = bound.map((argument) => argument.type);
  return {
    function: found.name,
    overload: resolution.overload,
    args: bound,
    type: resultType(spellFunction(found), found.overloads[resolution.overload], types, args),
  };
}
