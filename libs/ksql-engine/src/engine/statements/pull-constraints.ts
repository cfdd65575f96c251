import type { BoundExpression } from '../../analyze/bound-expression.js';
import { formatBound } from '../../analyze/format-bound.js';
import type { Column } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { Row, SqlValue } from '../../types/sql-value.js';

/** Values fixed for key columns, by index; one entry per alternative. */
type Alternative = ReadonlyMap<number, SqlValue>;
/** The value of an expression that reads no record; undefined for any other. */
export type ConstantOf = (expression: BoundExpression) => SqlValue | undefined;

/** More keys than this are cheaper found by a scan. */
const KEYS_MAX = 1_000;

/**
 * The exact keys that a predicate can be true for, when it fixes every key column; undefined when rows must be scanned. The
 * predicate still has to be applied: this only narrows where to look.
 */
export function exactKeys(
  predicate: BoundExpression | undefined,
  keyCount: number,
  constantOf: ConstantOf,
): readonly Row[] | undefined {
  if (predicate === undefined || keyCount === 0) return undefined;
  const alternatives = constrain(predicate, constantOf);
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
function constrain(expression: BoundExpression, constantOf: ConstantOf): readonly Alternative[] | undefined {
  switch (expression.kind) {
    case 'comparison':
      if (expression.operator !== '=') return undefined;
      return (
        equality(expression.left, expression.right, constantOf) ??
        equality(expression.right, expression.left, constantOf)
      );
    case 'in': {
      if (expression.negated || expression.operand.kind !== 'keyColumn') return undefined;
      const { index } = expression.operand;
      const values = expression.items.map((item) => scalar(constantOf(item)));
      if (values.some((value) => value === undefined)) return undefined;
      return values.map((value) => new Map([[index, value as SqlValue]]));
    }
    case 'logical': {
      const [left, right] = [constrain(expression.left, constantOf), constrain(expression.right, constantOf)];
      if (expression.operator === 'OR') return left && right ? [...left, ...right] : undefined;
      if (left === undefined || right === undefined) return left ?? right;
      return left.flatMap((a) => right.flatMap((b) => merge(a, b)));
    }
    default:
      return undefined;
  }
}

function equality(
  column: BoundExpression,
  other: BoundExpression,
  constantOf: ConstantOf,
): readonly Alternative[] | undefined {
  if (column.kind !== 'keyColumn') return undefined;
  const value = scalar(constantOf(other));
  return value === undefined ? undefined : [new Map([[column.index, value]])];
}

/** Arrays, structs, decimals and the like have no identity as JavaScript values. */
const scalar = (value: SqlValue | undefined): SqlValue | undefined => (typeof value === 'object' ? undefined : value);

function merge(a: Alternative, b: Alternative): readonly Alternative[] {
  const both = new Map(a);
  for (const [index, value] of b) {
    if (both.has(index) && both.get(index) !== value) return [];
    both.set(index, value);
  }
  return [both];
}

const RANGE_OPERATORS: ReadonlySet<string> = new Set(['<', '<=', '>', '>=']);

/** The key columns that a term compares, and how. */
interface KeyTerm {
  readonly column: number;
  readonly isRange: boolean;
}

/**
 * Without table scans every alternative of the condition names the key: by equality of all its columns, or by one range of a single
 * STRING column where range scans are allowed. @throws KsqlError naming what is missing
 */
export function requireKeyAccess(
  predicate: BoundExpression,
  key: readonly Column[],
  allowsRangeScans: boolean,
  constantOf: ConstantOf,
): void {
  for (const terms of alternativesOf(predicate)) {
    const named = terms.flatMap((term) => keyTerm(term, constantOf));
    if (named.length === 0) {
      const text = terms.map(formatBound).join(' AND ');
      throw new KsqlError(`WHERE clause missing key column for disjunct: ${text}`);
    }
    const isRange = named.some((term) => term.isRange);
    const fixed = new Set(named.filter((term) => !term.isRange).map((term) => term.column));
    if (key.length > 1) {
      if (fixed.size === key.length) continue;
      const names = (columns: readonly Column[]): string => columns.map(({ name }) => name).join(', ');
      throw new KsqlError(
        `Multi-column sources must specify every key in the WHERE clause. Specified: [${names(key.filter((_, index) => fixed.has(index)))}] Expected: [${names(key)}]`,
      );
    }
    if (!isRange) continue;
    if (named.length > 1) {
      throw new KsqlError(
        'A comparison condition on the key column cannot be combined with other comparisons such as an IN predicate',
      );
    }
    if (!allowsRangeScans || key[0]?.type.kind !== 'STRING') {
      throw new KsqlError('Query requires table scan to be enabled');
    }
  }
}

/** Disjunctive normal form: the alternatives, each a list of terms that all hold. */
function alternativesOf(expression: BoundExpression): readonly (readonly BoundExpression[])[] {
  if (expression.kind !== 'logical') return [[expression]];
  const [left, right] = [alternativesOf(expression.left), alternativesOf(expression.right)];
  if (expression.operator === 'OR') return [...left, ...right];
  return left.flatMap((a) => right.map((b) => [...a, ...b]));
}

function keyTerm(term: BoundExpression, constantOf: ConstantOf): readonly KeyTerm[] {
  if (term.kind === 'in' && !term.negated && term.operand.kind === 'keyColumn') {
    return [{ column: term.operand.index, isRange: false }];
  }
  if (term.kind !== 'comparison') return [];
  const isRange = RANGE_OPERATORS.has(term.operator);
  if (!isRange && term.operator !== '=') return [];
  for (const [column, other] of [
    [term.left, term.right],
    [term.right, term.left],
  ] as const) {
    if (column.kind === 'keyColumn' && constantOf(other) !== undefined) return [{ column: column.index, isRange }];
  }
  return [];
}
