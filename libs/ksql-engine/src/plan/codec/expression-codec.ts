import type {
  BoundAggregateCall,
  BoundArgument,
  BoundExpression,
  BoundNode,
  BoundTableCall,
} from '../../analyze/bound-expression.js';
import { formatParameter } from '../../analyze/format-signature.js';
import { PSEUDO_COLUMNS, WINDOW_BOUNDS } from '../../catalog/schema.js';
import { must } from '../../errors/assert.js';
import type { FunctionRegistry, SqlFunction } from '../../functions/function.js';
import type { TimeUnit } from '../../syntax/ast/expression.js';
import {
  byKind,
  DecodeError,
  flag,
  lazy,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  readObject,
  text,
  type Codec,
  type Fields,
  type ObjectCodec,
} from './json-codec.js';
import { sqlType, sqlValue } from './sql-codec.js';

const UNITS: { readonly [U in TimeUnit]: U } = {
  DAYS: 'DAYS',
  HOURS: 'HOURS',
  MINUTES: 'MINUTES',
  SECONDS: 'SECONDS',
  MILLISECONDS: 'MILLISECONDS',
};

export interface ExpressionCodecs {
  readonly expression: Codec<BoundExpression>;
  readonly aggregateCall: Codec<BoundAggregateCall>;
  readonly tableCall: Codec<BoundTableCall>;
}

/**
 * Expressions of a plan. A call names its function and what its overload takes, `"ARRAY<T>, T"`: an overload's number is its place in
 * a list of today.
 */
export function expressionCodecs(functions: FunctionRegistry): ExpressionCodecs {
  const expression: Codec<BoundExpression> = {
    encode: (bound) => ({ ...node.encode(bound), type: type.encode(bound.type) }),
    decode: (json) => ({
      ...node.decode(json),
      type: DecodeError.within('type', () => type.decode(readObject(json)['type'])),
    }),
  };
  const type = nullable(sqlType);
  const own = lazy(() => expression);
  const expressions = list(own);

  const argument = byKind<BoundArgument>('argument', {
    expression: object({ expression: own }),
    lambda: object({ parameters: list(text), body: own }),
    unit: object({ unit: oneOf(...Object.values(UNITS)) }),
  });

  const operands = { left: own, right: own };
  const node = byKind<BoundNode>('expression', {
    literal: object({ value: sqlValue }),
    keyColumn: object({ index: number, name: text }),
    valueColumn: object({ index: number, name: text }),
    pseudoColumn: object({ name: oneOf(...PSEUDO_COLUMNS, ...WINDOW_BOUNDS) }),
    lambdaVariable: object({ name: text }),
    arithmetic: object({ operator: oneOf('+', '-', '*', '/', '%'), ...operands }),
    negate: object({ operand: own }),
    comparison: object({
      operator: oneOf('=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'),
      ...operands,
    }),
    logical: object({ operator: oneOf('AND', 'OR'), ...operands }),
    not: object({ operand: own }),
    isNull: object({ operand: own, negated: flag }),
    between: object({ operand: own, low: own, high: own, negated: flag }),
    in: object({ operand: own, items: expressions, negated: flag }),
    like: object({ operand: own, pattern: own, escape: optional(text), negated: flag }),
    case: object({ whens: list(object({ condition: own, result: own })), otherwise: optional(own) }),
    cast: object({ operand: own, implicit: flag }),
    call: call<{ readonly args: readonly BoundArgument[] }>(functions, 'scalar', { args: list(argument) }),
    arrayElement: object({ base: own, index: own }),
    mapValue: object({ base: own, key: own }),
    structField: object({ base: own, index: number, name: text }),
    array: object({ items: expressions }),
    map: object({ entries: list(object({ key: own, value: own })) }),
    struct: object({ values: expressions }),
  });

  return {
    expression,
    aggregateCall: call<Omit<BoundAggregateCall, keyof Call>>(functions, 'aggregate', {
      args: expressions,
      constants: list(sqlValue),
      type: sqlType,
      stateType: sqlType,
    }),
    tableCall: call<Omit<BoundTableCall, keyof Call>>(functions, 'table', { args: expressions, type: sqlType }),
  };
}

interface Call {
  readonly function: string;
  readonly overload: number;
}

/** @throws DecodeError naming the function, where there is none of that name, kind and signature any more */
function call<T extends object>(
  functions: FunctionRegistry,
  kind: SqlFunction['kind'],
  fields: NoInfer<Fields<T>>,
): ObjectCodec<T & Call> {
  const rest = object<T>(fields);
  return {
    encode: (value) => {
      const found = must(functions.find(value.function), `function ${value.function}`);
      return { function: value.function, signature: signatureOf(found, value.overload), ...rest.encode(value) };
    },
    decode: (json) => {
      const given = readObject(json);
      const [name, signature] = [text.decode(given['function']), text.decode(given['signature'])];
      const found = functions.find(name);
      const overload = found?.overloads.findIndex((_, index) => signatureOf(found, index) === signature) ?? -1;
      if (found === undefined || found.kind !== kind || overload < 0) {
        throw new DecodeError(`there is no function ${name}(${signature})`);
      }
      return { function: name, overload, ...rest.decode(json) };
    },
  };
}

/** Unique among the overloads of a function. */
export function signatureOf(found: SqlFunction, overload: number): string {
  const { parameters, variadicIndex } = must(found.overloads[overload], `overload ${overload} of ${found.name}`);
  return parameters.map((parameter, index) => formatParameter(parameter, index === variadicIndex)).join(', ');
}
