import type { Expression, WhenClause } from '../syntax/ast/expression.js';

/**
 * Rebuilds a tree from the top down: `replace` answers with another node to take in place of this one (its children are not
 * visited), or undefined to go on into the children. `bound` holds the lambda parameters in force at the node.
 */
export type Replace = (expression: Expression, bound: ReadonlySet<string>) => Expression | undefined;

const NONE: ReadonlySet<string> = new Set();

export function rewriteExpression(root: Expression, replace: Replace): Expression {
  const go = (expression: Expression, bound: ReadonlySet<string>): Expression => {
    const replaced = replace(expression, bound);
    if (replaced !== undefined) return replaced;
    const sub = (child: Expression): Expression => go(child, bound);
    const whens = (clauses: readonly WhenClause[]): readonly WhenClause[] =>
      clauses.map((when) => ({ ...when, condition: sub(when.condition), result: sub(when.result) }));
    switch (expression.kind) {
      case 'arithmetic':
      case 'comparison':
      case 'logical':
        return { ...expression, left: sub(expression.left), right: sub(expression.right) };
      case 'unary':
      case 'not':
      case 'isNull':
      case 'cast':
        return { ...expression, operand: sub(expression.operand) };
      case 'between':
        return {
          ...expression,
          operand: sub(expression.operand),
          low: sub(expression.low),
          high: sub(expression.high),
        };
      case 'in':
        return { ...expression, operand: sub(expression.operand), items: expression.items.map(sub) };
      case 'like':
        return { ...expression, operand: sub(expression.operand), pattern: sub(expression.pattern) };
      case 'searchedCase':
        return {
          ...expression,
          whens: whens(expression.whens),
          otherwise: expression.otherwise === undefined ? undefined : sub(expression.otherwise),
        };
      case 'simpleCase':
        return {
          ...expression,
          operand: sub(expression.operand),
          whens: whens(expression.whens),
          otherwise: expression.otherwise === undefined ? undefined : sub(expression.otherwise),
        };
      case 'call':
        return { ...expression, args: expression.args.map(sub) };
      case 'subscript':
        return { ...expression, base: sub(expression.base), index: sub(expression.index) };
      case 'dereference':
      case 'structAll':
        return { ...expression, base: sub(expression.base) };
      case 'createArray':
        return { ...expression, items: expression.items.map(sub) };
      case 'createMap':
        return {
          ...expression,
          entries: expression.entries.map(({ key, value }) => ({ key: sub(key), value: sub(value) })),
        };
      case 'createStruct':
        return { ...expression, fields: expression.fields.map(({ name, value }) => ({ name, value: sub(value) })) };
      case 'lambda':
        return { ...expression, body: go(expression.body, new Set([...bound, ...expression.parameters])) };
      default:
        return expression;
    }
  };
  return go(root, NONE);
}

/** Visits every node from the top down; `visit` answers false to stay out of a node's children. */
export function visitExpression(
  root: Expression,
  visit: (expression: Expression, bound: ReadonlySet<string>) => boolean | void,
): void {
  rewriteExpression(root, (expression, bound) => (visit(expression, bound) === false ? expression : undefined));
}

/** A text that is equal for two trees exactly when they are the same but for their places in the statement. */
export function expressionKey(expression: Expression): string {
  return JSON.stringify(expression, (name, value: unknown) => {
    if (name === 'location') return undefined;
    return typeof value === 'bigint' ? `${value}n` : value;
  });
}
