import type { SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';

/**
 * A parameter of an overload: a concrete type, or a pattern.
 *
 * - `generic`: a type variable; the same name must meet the same type everywhere in the signature
 * - `any`: takes every type
 * - `decimal`: a DECIMAL of any precision and scale
 * - `array`, `map`, `struct`: containers of patterns
 * - `lambda`: a lambda with these parameter patterns and this result pattern
 * - `unit`: a bare time unit (DAYS …)
 */
export type ParameterType =
  | SqlType
  | { readonly kind: 'generic'; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'decimalAny' }
  | { readonly kind: 'arrayOf'; readonly element: ParameterType }
  | { readonly kind: 'mapOf'; readonly key: ParameterType; readonly value: ParameterType }
  | { readonly kind: 'lambda'; readonly parameters: readonly ParameterType[]; readonly result: ParameterType }
  | { readonly kind: 'unit' };

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly description?: string;
}

/** Facts a function may depend on besides its arguments; every one is a port, so that tests decide. */
export interface FunctionContext {
  /** Wall clock, ms since the epoch. */
  nowMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** A query property, such as `ksql.functions.collect_list.limit`; undefined when not set. */
  property(name: string): string | undefined;
  /**
   * Pays for work that neither the arguments nor the result of a call show: matches, patterns that are made ready. Functions that are
   * asked once, outside of an evaluation, need not pay. @throws Error once the evaluation has taken too much
   */
  spend?(steps: number): void;
}

/**
 * A compiled lambda as a scalar function receives it. What the lambda throws passes through the function. Among the argument
 * types its place holds the type of its body; a `unit` has null there and arrives as the upper-case plural word (`DAYS`).
 */
export type LambdaValue = (...args: SqlValue[]) => SqlValue;
export type ScalarArgument = SqlValue | LambdaValue;

/** One signature. `evaluate` throws `Error` for a failing evaluation: the caller logs it and takes NULL. */
export interface ScalarOverload {
  readonly parameters: readonly Parameter[];
  /** Index of the parameter that repeats zero or more times; its type then describes one item. */
  readonly variadicIndex?: number;
  /** The result type, or how it follows from the argument types. */
  readonly returns: SqlType | ((argumentTypes: readonly (SqlType | null)[]) => SqlType);
  /** Shown by DESCRIBE FUNCTION where `returns` is computed. */
  readonly returnsText?: string;
  readonly description?: string;
  /** Default true: any null argument gives null without a call. */
  readonly nullOnNull?: boolean;
  /**
   * The result is the first argument that is not NULL: arguments are evaluated one by one until it is found, and one that fails is
   * reported and counts as NULL. `bind` is not used then.
   */
  readonly isFirstKnown?: boolean;
  /** Called once per use with the argument types; gives the evaluator. */
  readonly bind: (
    argumentTypes: readonly (SqlType | null)[],
    context: FunctionContext,
  ) => (args: readonly ScalarArgument[]) => SqlValue;
}

export interface ScalarFunction {
  readonly kind: 'scalar';
  /** Upper case. */
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly overloads: readonly ScalarOverload[];
}

/**
 * One signature of an aggregate. `S` is the intermediate state: a plain SqlValue of `stateType`, so that it can be
 * written to a changelog by the source's value format and read back. `argumentTypes` are everywhere those of the column
 * arguments, without the constants. `bind` throws `KsqlError` for constants that make no sense.
 */
export interface AggregateOverload {
  /** Leading column parameters, then trailing constants (`constantCount` of them). */
  readonly parameters: readonly Parameter[];
  readonly variadicIndex?: number;
  readonly constantCount: number;
  readonly returns: (argumentTypes: readonly SqlType[]) => SqlType;
  readonly returnsText?: string;
  readonly description?: string;
  readonly stateType: (argumentTypes: readonly SqlType[]) => SqlType;
  readonly bind: (
    argumentTypes: readonly SqlType[],
    constants: readonly SqlValue[],
    context: FunctionContext,
  ) => BoundAggregate;
}

/** Pure: states are never changed in place, since a store may still hold them. */
export interface BoundAggregate {
  initial(): SqlValue;
  /** `args` holds the column arguments (not the constants). */
  add(state: SqlValue, args: readonly SqlValue[]): SqlValue;
  /** Only for table-capable aggregates: takes an earlier `add` back. */
  undo?(state: SqlValue, args: readonly SqlValue[]): SqlValue;
  /** Joins the states of two sessions; `a` is the older one. */
  merge(a: SqlValue, b: SqlValue): SqlValue;
  result(state: SqlValue): SqlValue;
}

export interface AggregateFunction {
  readonly kind: 'aggregate';
  readonly name: string;
  readonly description: string;
  readonly overloads: readonly AggregateOverload[];
}

export interface TableOverload {
  readonly parameters: readonly Parameter[];
  readonly variadicIndex?: number;
  readonly returns: SqlType | ((argumentTypes: readonly (SqlType | null)[]) => SqlType);
  readonly returnsText?: string;
  readonly description?: string;
  readonly bind: (
    argumentTypes: readonly (SqlType | null)[],
    context: FunctionContext,
  ) => (args: readonly SqlValue[]) => readonly SqlValue[];
}
export interface TableFunction {
  readonly kind: 'table';
  readonly name: string;
  readonly description: string;
  readonly overloads: readonly TableOverload[];
}

export type SqlFunction = ScalarFunction | AggregateFunction | TableFunction;

/** All functions known to an engine, by upper-case name (functions/registry.ts lists the built-in ones explicitly). */
export interface FunctionRegistry {
  find(name: string): SqlFunction | undefined;
  list(): readonly SqlFunction[];
}
