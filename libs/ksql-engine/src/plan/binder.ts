import type { BoundAggregateCall, BoundExpression, BoundTableCall } from '../analyze/bound-expression.js';
import { bindAggregateCall, bindExpression, bindTableCall } from '../analyze/bind-expression.js';
import { ExpressionTypeError, InvalidExpressionError, type Clause } from '../analyze/invalid-expression.js';
import { visitExpression } from '../analyze/rewrite-expression.js';
import type { Scope } from '../analyze/scope.js';
import { KsqlError } from '../errors/sql-error.js';
import type { FunctionRegistry } from '../functions/function.js';
import type { Expression, FunctionCall } from '../syntax/ast/expression.js';
import { printExpression } from '../syntax/print/expression.js';
import { formatType } from '../types/format-type.js';
import type { SqlType } from '../types/sql-type.js';
import { callsOf } from './function-calls.js';

/** Binds expressions of a query, clause by clause, with the words that each clause puts around a failure. */
export class Binder {
  constructor(
    readonly functions: FunctionRegistry,
    private readonly types: ReadonlyMap<string, SqlType>,
  ) {}

  expression(expression: Expression, scope: Scope, clause: Clause = 'SELECT'): BoundExpression {
    return bindExpression(expression, scope, { functions: this.functions, types: this.types, clause });
  }

  /** A call without arguments, such as COUNT(*), counts the rows: it takes their time. */
  aggregate(call: FunctionCall, scope: Scope): BoundAggregateCall {
    const filled: FunctionCall =
      call.args.length > 0 ? call : { kind: 'call', name: call.name, args: [{ kind: 'column', name: 'ROWTIME' }] };
    return bindAggregateCall(filled, scope, { functions: this.functions, types: this.types });
  }

  tableFunction(call: FunctionCall, scope: Scope): BoundTableCall {
    return bindTableCall(call, scope, { functions: this.functions, types: this.types });
  }

  /** An expression that must have a type. */
  typed(expression: Expression, scope: Scope, clause: Clause = 'SELECT'): BoundExpression & { readonly type: SqlType } {
    const bound = this.expression(expression, scope, clause);
    if (bound.type === null) {
      throw new KsqlError(
        "Can't infer a type of null. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).",
      );
    }
    return bound as BoundExpression & { readonly type: SqlType };
  }

  predicate(expression: Expression, scope: Scope, clause: 'WHERE' | 'HAVING'): BoundExpression {
    const text = printExpression(expression);
    let bound: BoundExpression;
    try {
      requireResolvable(expression, scope);
      requireNoAggregates(expression, this.functions, clause, text);
      bound = this.expression(expression, scope, clause);
    } catch (error) {
      const isOfTypes = error instanceof ExpressionTypeError;
      if (!(error instanceof KsqlError) || (error.constructor !== KsqlError && !isOfTypes)) throw error;
      throw new ExpressionTypeError(`Error in ${clause} expression: ${error.message}\nStatement: ${text}`, text, {
        cause: error,
      });
    }
    if (bound.type?.kind !== 'BOOLEAN') {
      const type = bound.type === null ? 'null' : formatType(bound.type);
      throw new ExpressionTypeError(
        `Type error in ${clause} expression: Should evaluate to boolean but is ${text} (${type}) instead.\nStatement: ${text}`,
        text,
      );
    }
    return bound;
  }
}

/** Aggregates have a type everywhere, and a value only where rows are grouped; the HAVING of a grouping has none left. */
function requireNoAggregates(root: Expression, functions: FunctionRegistry, clause: Clause, text: string): void {
  const [call] = callsOf('aggregate', root, functions);
  if (call !== undefined) {
    throw new InvalidExpressionError(clause, `Can't find any functions with the name '${call.name}'`, text);
  }
}

/** An unknown column is the first thing to say about a condition. */
function requireResolvable(expression: Expression, scope: Scope): void {
  visitExpression(expression, (node, bound) => {
    if (node.kind === 'column' && !bound.has(node.name)) scope.resolve(node.name, undefined);
  });
}
