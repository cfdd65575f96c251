import type { FunctionRegistry } from '../../functions/function.js';
import type { Expression } from '../../syntax/ast/expression.js';
import type { SqlType } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import type { Clause } from '../invalid-expression.js';
import type { Scope } from '../scope.js';

export interface BindContext {
  readonly functions: FunctionRegistry;
  /** Custom types by upper-case name. */
  readonly types: ReadonlyMap<string, SqlType>;
  /** Where the expression stands; SELECT when not given. In WHERE and HAVING, time columns meet date texts. */
  readonly clause?: Clause | undefined;
}

/** What the rules of one expression family need: the names in force, and the way back into the recursion. */
export interface Binder {
  readonly context: BindContext;
  readonly clause: Clause;
  readonly scope: Scope;
  /** Parameters of the enclosing lambdas. */
  readonly variables: ReadonlyMap<string, SqlType>;
  bind(expression: Expression): BoundExpression;
  /** A binder that also knows these lambda parameters. */
  within(parameters: ReadonlyMap<string, SqlType>): Binder;
}

/** A bound expression whose type is known: everything but NULL. */
export type Typed = BoundExpression & { readonly type: SqlType };

export function isTyped(expression: BoundExpression): expression is Typed {
  return expression.type !== null;
}
