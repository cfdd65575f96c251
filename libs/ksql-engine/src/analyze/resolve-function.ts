import { KsqlError } from '../errors/sql-error.js';
import type { Parameter, ParameterType, SqlFunction } from '../functions/function.js';
import { isImplicitlyConvertible } from '../types/coercion.js';
import { asDecimalType } from '../types/decimal-math.js';
import { arrayType, mapType, sameType, type SqlType } from '../types/sql-type.js';
import { formatArgumentType, formatParameter } from './format-signature.js';
import { spellFunction, spellInSignature } from './function-spelling.js';

/**
 * Finds the overload for a call. First the overloads that take the arguments as they are, then, but for aggregates, those that
 * take them after implicit conversion. A NULL literal fits every parameter, so it may leave several: then the call is ambiguous.
 */

/** What is known about an argument before an overload is chosen. */
export type ArgumentShape =
  | { readonly kind: 'typed'; readonly type: SqlType }
  | { readonly kind: 'null' }
  | { readonly kind: 'lambda'; readonly parameterCount: number }
  | { readonly kind: 'unit' };

interface Signature {
  readonly parameters: readonly Parameter[];
  readonly variadicIndex?: number;
}

/** Type variables by name. */
export type Generics = ReadonlyMap<string, SqlType>;

export interface Resolution {
  /** Index into the overloads. */
  readonly overload: number;
  /** The parameter of each argument; a variadic one repeats. */
  readonly parameters: readonly ParameterType[];
  /** The type that each argument is converted to; null for NULL literals, lambdas and units. */
  readonly types: readonly (SqlType | null)[];
  readonly generics: Generics;
}

interface Candidate extends Resolution {
  readonly isVariadic: boolean;
  readonly genericCount: number;
  /** One NULL stands for all variadic arguments: it could also be one of them. */
  readonly isUnclear: boolean;
}

/** @throws KsqlError when no overload fits, or more than one */
export function resolveOverload(found: SqlFunction, args: readonly ArgumentShape[]): Resolution {
  const overloads: readonly Signature[] = found.overloads;
  const exact = candidates(overloads, args, false);
  const canConvert = found.kind !== 'aggregate';
  const fitting = best(exact.length > 0 || !canConvert ? exact : candidates(overloads, args, true));
  const [first] = fitting;
  // Without arguments nothing decides between variadic overloads: the first one is taken.
  if ((fitting.length === 1 || args.length === 0) && first !== undefined && !first.isUnclear) return first;
  const given = args.map(formatShape).join(', ');
  const signatures = overloads.map((overload) => formatSignature(spellInSignature(found), overload)).join('\n');
  const hint = 'For detailed information on a function run: DESCRIBE FUNCTION <Function-Name>;';
  const name = spellFunction(found);
  throw new KsqlError(
    fitting.length === 0
      ? `Function '${name}' does not accept parameters (${given}).\nValid alternatives are:\n${signatures}\n${hint}`
      : `Function '${name}' cannot be resolved due to ambiguous method parameters (${given}).\n` +
          'Use CAST() to explicitly cast your parameters to one of the supported function calls.\n' +
          `Valid function calls are:\n${signatures}\n${hint}`,
  );
}

function candidates(
  overloads: readonly Signature[],
  args: readonly ArgumentShape[],
  allowConversion: boolean,
): readonly Candidate[] {
  const found: Candidate[] = [];
  for (const [overload, signature] of overloads.entries()) {
    const parameters = parametersFor(signature, args.length);
    if (parameters === undefined) continue;
    const generics = new Map<string, SqlType>();
    const types: (SqlType | null)[] = [];
    const isMatch = args.every((argument, i) => {
      const parameter = parameters[i];
      const type = parameter && matchArgument(parameter, argument, generics, allowConversion);
      types.push(type ?? null);
      return type !== undefined;
    });
    if (!isMatch) continue;
    const variadicCount = args.length - signature.parameters.length + 1;
    found.push({
      overload,
      parameters,
      types,
      generics,
      isVariadic: signature.variadicIndex !== undefined,
      genericCount: signature.parameters.filter(({ type }) => hasGeneric(type)).length,
      isUnclear:
        signature.variadicIndex !== undefined && variadicCount === 1 && args[signature.variadicIndex]?.kind === 'null',
    });
  }
  return found;
}

/** One parameter per argument, or undefined when the number of arguments does not fit. */
function parametersFor({ parameters, variadicIndex }: Signature, count: number): readonly ParameterType[] | undefined {
  const types = parameters.map(({ type }) => type);
  if (variadicIndex === undefined) return count === types.length ? types : undefined;
  const repeats = count - types.length + 1;
  const repeated = types[variadicIndex];
  if (repeats < 0 || repeated === undefined) return undefined;
  return [
    ...types.slice(0, variadicIndex),
    ...new Array<ParameterType>(repeats).fill(repeated),
    ...types.slice(variadicIndex + 1),
  ];
}

/** Fixed parameters before repeating ones, concrete types before type variables. */
function best(found: readonly Candidate[]): readonly Candidate[] {
  const fixed = found.filter((candidate) => !candidate.isVariadic);
  const preferred = fixed.length > 0 ? fixed : found;
  const fewest = Math.min(...preferred.map((candidate) => candidate.genericCount));
  return preferred.filter((candidate) => candidate.genericCount === fewest);
}

/** The type after conversion, null where there is none, undefined when the argument does not fit. */
function matchArgument(
  parameter: ParameterType,
  argument: ArgumentShape,
  generics: Map<string, SqlType>,
  allowConversion: boolean,
): SqlType | null | undefined {
  switch (argument.kind) {
    case 'null':
      return parameter.kind === 'lambda' ? undefined : null;
    case 'unit':
      return parameter.kind === 'unit' ? null : undefined;
    case 'lambda':
      return parameter.kind === 'lambda' && parameter.parameters.length === argument.parameterCount ? null : undefined;
    case 'typed':
      return matchType(parameter, argument.type, generics, allowConversion);
  }
}

/** Matches a type with a pattern and binds its type variables. Gives the type after conversion. */
export function matchType(
  pattern: ParameterType,
  type: SqlType,
  generics: Map<string, SqlType>,
  allowConversion: boolean,
): SqlType | undefined {
  switch (pattern.kind) {
    case 'generic': {
      const bound = generics.get(pattern.name);
      if (bound === undefined) generics.set(pattern.name, type);
      return bound === undefined || sameType(bound, type) ? type : undefined;
    }
    case 'any':
      return type;
    case 'decimalAny':
      return allowConversion ? asDecimalType(type) : type.kind === 'DECIMAL' ? type : undefined;
    case 'arrayOf': {
      const element =
        type.kind === 'ARRAY' ? matchType(pattern.element, type.element, generics, allowConversion) : undefined;
      return element && arrayType(element);
    }
    case 'mapOf': {
      if (type.kind !== 'MAP') return undefined;
      const key = matchType(pattern.key, type.key, generics, allowConversion);
      const value = matchType(pattern.value, type.value, generics, allowConversion);
      return key && value && mapType(key, value);
    }
    case 'lambda':
    case 'unit':
      return undefined;
    default:
      if (sameType(pattern, type)) return type;
      return allowConversion && isImplicitlyConvertible(type, pattern) ? pattern : undefined;
  }
}

/** The pattern with its type variables filled in; undefined while one is unknown. */
export function instantiate(pattern: ParameterType, generics: Generics): SqlType | undefined {
  switch (pattern.kind) {
    case 'generic':
      return generics.get(pattern.name);
    case 'arrayOf': {
      const element = instantiate(pattern.element, generics);
      return element && arrayType(element);
    }
    case 'mapOf': {
      const key = instantiate(pattern.key, generics);
      const value = instantiate(pattern.value, generics);
      return key && value && mapType(key, value);
    }
    case 'any':
    case 'decimalAny':
    case 'lambda':
    case 'unit':
      return undefined;
    default:
      return pattern;
  }
}

function hasGeneric(pattern: ParameterType): boolean {
  switch (pattern.kind) {
    case 'generic':
    case 'any':
      return true;
    case 'arrayOf':
      return hasGeneric(pattern.element);
    case 'mapOf':
      return hasGeneric(pattern.key) || hasGeneric(pattern.value);
    default:
      return false;
  }
}

function formatShape(argument: ArgumentShape): string {
  switch (argument.kind) {
    case 'typed':
      return formatArgumentType(argument.type);
    case 'lambda':
      return 'LAMBDA';
    default:
      return 'null';
  }
}

function formatSignature(name: string, { parameters, variadicIndex }: Signature): string {
  return `${name}(${parameters.map((parameter, i) => formatParameter(parameter, i === variadicIndex)).join(', ')})`;
}
