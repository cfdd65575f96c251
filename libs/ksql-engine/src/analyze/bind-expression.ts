import { KsqlError } from '../errors/sql-error.js';
import type { Expression, FunctionCall } from '../syntax/ast/expression.js';
import type { SqlType } from '../types/sql-type.js';
import { bindDereference, bindSubscript } from './binding/access.js';
import { bindArithmetic, bindUnary } from './binding/arithmetic.js';
import type { BindContext, Binder } from './binding/binder.js';
import { bindAggregate, bindScalarCall, bindTable } from './binding/calls.js';
import { bindSearchedCase, bindSimpleCase } from './binding/case.js';
import { bindCast } from './binding/cast.js';
import { bindColumn } from './binding/columns.js';
import { bindBetween, bindComparison, bindLike } from './binding/comparison.js';
import { bindCreateArray, bindCreateMap, bindCreateStruct } from './binding/constructors.js';
import { bindIn } from './binding/in-list.js';
import { LITERALS } from './binding/literals.js';
import { bindIsNull, bindLogical, bindNot } from './binding/logic.js';
import type { BoundAggregateCall, BoundExpression, BoundTableCall } from './bound-expression.js';
import type { Scope } from './scope.js';

export type { BindContext } from './binding/binder.js';

/**
 * Resolves the names, functions and types of an expression. The result is typed throughout and its implicit conversions are
 * casts; its type is null only for a bare NULL.
 *
 * @throws KsqlError for what the language refuses; `InvalidExpressionError` where the message names the clause itself
 */
export function bindExpression(expression: Expression, scope: Scope, context: BindContext): BoundExpression {
  return makeBinder(scope, context, new Map()).bind(expression);
}

/** Binds a call of an aggregate function: its arguments are scalar expressions, trailing constants are evaluated. */
export function bindAggregateCall(call: FunctionCall, scope: Scope, context: BindContext): BoundAggregateCall {
  return bindAggregate(call, makeBinder(scope, context, new Map()));
}

/** Binds a call of a table function. */
export function bindTableCall(call: FunctionCall, scope: Scope, context: BindContext): BoundTableCall {
  return bindTable(call, makeBinder(scope, context, new Map()));
}

function makeBinder(scope: Scope, context: BindContext, variables: ReadonlyMap<string, SqlType>): Binder {
  const binder: Binder = {
    scope,
    context,
    clause: context.clause ?? 'SELECT',
    variables,
    bind: (expression) => {
      const rule = RULES[expression.kind] as (node: Expression, binder: Binder) => BoundExpression;
      return rule(expression, binder);
    },
    within: (parameters) => makeBinder(scope, context, new Map([...variables, ...parameters])),
  };
  return binder;
}

type Rules = {
  readonly [K in Expression['kind']]: (node: Extract<Expression, { kind: K }>, binder: Binder) => BoundExpression;
};

const RULES: Rules = {
  ...LITERALS,
  column: bindColumn,
  qualifiedColumn: bindColumn,
  arithmetic: bindArithmetic,
  unary: bindUnary,
  comparison: bindComparison,
  logical: bindLogical,
  not: bindNot,
  isNull: bindIsNull,
  between: bindBetween,
  in: bindIn,
  like: bindLike,
  searchedCase: bindSearchedCase,
  simpleCase: bindSimpleCase,
  cast: bindCast,
  call: bindScalarCall,
  subscript: bindSubscript,
  dereference: bindDereference,
  structAll: () => {
    throw new KsqlError('->* is allowed as an item of SELECT only');
  },
  createArray: bindCreateArray,
  createMap: bindCreateMap,
  createStruct: bindCreateStruct,
  lambda: () => {
    throw new KsqlError('A lambda is allowed as an argument of TRANSFORM, FILTER and REDUCE only');
  },
  intervalUnit: ({ unit }) => {
    throw new KsqlError(`The time unit ${unit} is allowed as an argument of time functions only`);
  },
};
