import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { Row, SqlValue } from '../../types/sql-value.js';

/** Values fixed for key columns, by index; one entry per alternative. */
type Alternative = ReadonlyMap<number, SqlValue>;

/** More keys than this are cheaper found by a scan. */
const KEYS_MAX = 1_000;

/**
 * The exact keys that a predicate can be true for, when it fixes every key column; undefined when rows must be scanned. The
 * predicate still has to be applied: this only narrows where to look.
 */
export function exactKeys(predicate: BoundExpression | undefined, keyCount: number): readonly Row[] | undefined {
  if (predicate === undefined || keyCount === 0) return undefined;
  const alternatives = constrain(predicate);
  if (alternatives === undefined || alternatives.length > KEYS_MAX) return undefined;
  const rows: Row[] = [];
  const seen = new Set<string>();
  for (const alternative of alternatives) {
    if (alternative.size < keyCount) return undefined;
    const row = Array.from({ length: keyCount }, (_, index) => alternative.get(index) ?? null);
    const text = row.map((value) => `${typeof value}:${String(value)}`).join('\u0000');
    if (!seen.has(text)) rows.push(row);
    seen.add(text);
  }
  return rows;
}

/** Undefined: nothing is known. An empty list: never true. */
function constrain(expression: BoundExpression): readonly Alternative[] | undefined {
  switch (expression.kind) {
    case 'comparison':
      if (expression.operator !== '=') return undefined;
      return equality(expression.left, expression.right) ?? equality(expression.right, expression.left);
    case 'in': {
      if (expression.negated || expression.operand.kind !== 'keyColumn') return undefined;
      const { index } = expression.operand;
      const values = expression.items.map(literalOf);
      if (values.some((value) => value === undefined)) return undefined;
      return values.map((value) => new Map([[index, value as SqlValue]]));
    }
    case 'logical': {
      const [left, right] = [constrain(expression.left), constrain(expression.right)];
      if (expression.operator === 'OR') return left && right ? [...left, ...right] : undefined;
      if (left === undefined || right === undefined) return left ?? right;
      return left.flatMap((a) => right.flatMap((b) => merge(a, b)));
    }
    default:
      return undefined;
  }
}

function equality(column: BoundExpression, other: BoundExpression): readonly Alternative[] | undefined {
  if (column.kind !== 'keyColumn') return undefined;
  const value = literalOf(other);
  return value === undefined ? undefined : [new Map([[column.index, value]])];
}

/** Scalars only: others have no identity as JavaScript values. */
function literalOf(expression: BoundExpression): SqlValue | undefined {
  if (expression.kind !== 'literal') return undefined;
  const { value } = expression;
  return typeof value === 'object' ? undefined : value;
}

function merge(a: Alternative, b: Alternative): readonly Alternative[] {
  const both = new Map(a);
  for (const [index, value] of b) {
    if (both.has(index) && both.get(index) !== value) return [];
    both.set(index, value);
  }
  return [both];
}
