import { must } from '../errors/assert.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import type { Parameter, ParameterType, ScalarArgument, ScalarFunction, ScalarOverload } from './function.js';

/** The words that function files are written in: parameters, patterns and overloads of a known number of arguments. */
export const param = (name: string, type: ParameterType, description?: string): Parameter =>
  description === undefined ? { name, type } : { name, type, description };

export const generic = (name: string): ParameterType => ({ kind: 'generic', name });
export const arrayOf = (element: ParameterType): ParameterType => ({ kind: 'arrayOf', element });
export const mapOf = (key: ParameterType, value: ParameterType): ParameterType => ({ kind: 'mapOf', key, value });
export const lambdaOf = (parameters: readonly ParameterType[], result: ParameterType): ParameterType => ({
  kind: 'lambda',
  parameters,
  result,
});
export const ANY: ParameterType = { kind: 'any' };
export const DECIMAL_ANY: ParameterType = { kind: 'decimalAny' };
export const UNIT: ParameterType = { kind: 'unit' };

type ArgumentTypes = readonly (SqlType | null)[];
type Returns = ScalarOverload['returns'];

/** The type of the first argument. */
export const sameAsFirst = (types: ArgumentTypes): SqlType => must(types[0], 'type of the first argument');

/** The first argument type that is known: overloads such as `(T, T)` may be given a NULL literal in one place. */
export const firstKnown = (types: ArgumentTypes): SqlType =>
  must(
    types.find((type) => type !== null),
    'a typed argument',
  );

/** What differs from the usual overload. */
export interface OverloadTraits {
  /** False: the function sees null arguments. */
  readonly nullOnNull?: boolean;
  /** The result is the first argument that is known; those behind it are not evaluated. */
  readonly isFirstKnown?: boolean;
  readonly returnsText?: string;
  readonly description?: string;
}

export function nullary(returns: Returns, evaluate: () => SqlValue): ScalarOverload {
  return { parameters: [], returns, bind: () => evaluate };
}

/** The binder has checked the types, so that `A` … are what the parameters say; a lambda arrives as a function. */
export function unary<A extends ScalarArgument>(
  parameter: Parameter,
  returns: Returns,
  evaluate: (a: A) => SqlValue,
  traits: OverloadTraits = {},
): ScalarOverload {
  return { parameters: [parameter], returns, bind: () => (args) => evaluate(args[0] as A), ...traits };
}

export function binary<A extends ScalarArgument, B extends ScalarArgument>(
  parameters: readonly [Parameter, Parameter],
  returns: Returns,
  evaluate: (a: A, b: B) => SqlValue,
  traits: OverloadTraits = {},
): ScalarOverload {
  return { parameters, returns, bind: () => (args) => evaluate(args[0] as A, args[1] as B), ...traits };
}

export function ternary<A extends ScalarArgument, B extends ScalarArgument, C extends ScalarArgument>(
  parameters: readonly [Parameter, Parameter, Parameter],
  returns: Returns,
  evaluate: (a: A, b: B, c: C) => SqlValue,
  traits: OverloadTraits = {},
): ScalarOverload {
  return {
    parameters,
    returns,
    bind: () => (args) => evaluate(args[0] as A, args[1] as B, args[2] as C),
    ...traits,
  };
}

/** Any number of arguments; the last parameter repeats. Null arguments reach the function. */
export function variadic(
  parameters: readonly Parameter[],
  returns: Returns,
  evaluate: (args: readonly SqlValue[]) => SqlValue,
  traits: OverloadTraits = {},
): ScalarOverload {
  return {
    parameters,
    variadicIndex: parameters.length - 1,
    returns,
    nullOnNull: false,
    bind: () => (args) => evaluate(args as readonly SqlValue[]),
    ...traits,
  };
}

/** The categories that LIST FUNCTIONS shows. */
export type Category =
  | 'ARRAY'
  | 'CONDITIONAL'
  | 'CONVERSIONS'
  | 'DATE / TIME'
  | 'JSON'
  | 'LAMBDA'
  | 'MAP'
  | 'MATHEMATICAL'
  | 'OTHER'
  | 'REGULAR EXPRESSION'
  | 'STRING'
  | 'URL';

export function scalarFunction(
  name: string,
  category: Category,
  description: string,
  overloads: readonly ScalarOverload[],
): ScalarFunction {
  return { kind: 'scalar', name, category, description, overloads };
}
