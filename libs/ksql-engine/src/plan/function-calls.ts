import { rewriteExpression, visitExpression } from '../analyze/rewrite-expression.js';
import { KsqlError } from '../errors/sql-error.js';
import type { FunctionRegistry } from '../functions/function.js';
import type { Expression, FunctionCall } from '../syntax/ast/expression.js';

export function isCallOf(
  kind: 'aggregate' | 'table',
  expression: Expression,
  functions: FunctionRegistry,
): expression is FunctionCall {
  return expression.kind === 'call' && functions.find(expression.name.toUpperCase())?.kind === kind;
}

/** The calls of aggregate (or table) functions in an expression, outermost first. */
export function callsOf(
  kind: 'aggregate' | 'table',
  expression: Expression | undefined,
  functions: FunctionRegistry,
): readonly FunctionCall[] {
  const calls: FunctionCall[] = [];
  if (expression === undefined) return calls;
  visitExpression(expression, (node) => {
    if (isCallOf(kind, node, functions)) calls.push(node);
  });
  return calls;
}

/** Every outermost call becomes a reference to the column that `nameOf` gives it. */
export function replaceCalls(
  kind: 'aggregate' | 'table',
  root: Expression,
  functions: FunctionRegistry,
  nameOf: (call: FunctionCall) => string,
): Expression {
  return rewriteExpression(root, (node) =>
    isCallOf(kind, node, functions) ? { kind: 'column', name: nameOf(node) } : undefined,
  );
}

/** @throws KsqlError naming the first function that nobody knows */
export function requireKnownFunctions(expression: Expression | undefined, functions: FunctionRegistry): void {
  if (expression === undefined) return;
  visitExpression(expression, (node) => {
    if (node.kind === 'call' && functions.find(node.name.toUpperCase()) === undefined) {
      throw new KsqlError(`Can't find any functions with the name '${node.name}'`);
    }
  });
}
