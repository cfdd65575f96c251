import { describe, expect, it } from '@jest/globals';
import { bindExpression } from '../analyze/bind-expression.js';
import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import { KsqlError } from '../errors/sql-error.js';
import type { FunctionContext } from '../functions/function.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { COLUMN_COUNT, RANDOM_SCOPE, randomExpression, randomRecord } from '../testing/random-expression.js';
import { batchOf, type TestRecord } from '../testing/records.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { valuesEqual } from '../types/compare.js';
import { BIGINT } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { rowAt } from '../types/vector.js';
import { compileExpression, compileProjection, compileSelection, interpretExpression } from './compile.js';
import type { EvaluationErrors } from './evaluator.js';

const functions = createFunctionRegistry();
const context: FunctionContext = { nowMs: () => 0, random: () => 0, property: () => undefined };

interface Outcome {
  readonly value: SqlValue;
  readonly reports: readonly string[];
}

/** Where reports go, by the offset of the record, which is its number here. */
function collecting(count: number): { readonly errors: EvaluationErrors; readonly reports: string[][] } {
  const reports = Array.from({ length: count }, (): string[] => []);
  const report: EvaluationErrors['report'] = (expression, cause, { offset }) => {
    reports[offset]?.push(`${expression}: ${cause instanceof Error ? cause.message : String(cause)}`);
  };
  return { errors: { report }, reports };
}

/** Runs one expression on records one by one. */
function outcomes(
  compile: typeof compileExpression,
  bound: BoundExpression,
  records: readonly TestRecord[],
): readonly Outcome[] {
  const { errors, reports } = collecting(records.length);
  const evaluate = compile(bound, functions, context, errors);
  const values = records.map((record) => evaluate(record));
  return values.map((value, i) => ({ value, reports: reports[i] ?? [] }));
}

/** Runs several expressions on a batch; what each record led to is in one outcome, its values as an array. */
function batchOutcomes(bounds: readonly BoundExpression[], records: readonly TestRecord[]): readonly Outcome[] {
  const { errors, reports } = collecting(records.length);
  const vectors = compileProjection(bounds, { functions, context, errors }, true)(batchOf(records, COLUMN_COUNT));
  return records.map((_, i) => ({ value: rowAt(vectors, i), reports: reports[i] ?? [] }));
}

function recordsOf(random: SeededRandom, count: number): readonly TestRecord[] {
  return Array.from({ length: count }, (_, offset) => {
    return { ...randomRecord(random), offset, oldValue: null, headers: [] };
  });
}

function tryBind(seed: number): BoundExpression | undefined {
  try {
    return bindExpression(randomExpression(new SeededRandom(seed)), RANDOM_SCOPE, { functions, types: new Map() });
  } catch (error) {
    if (error instanceof KsqlError) return undefined;
    throw new Error(`seed ${seed}: the binder failed with something else than its own error`, { cause: error });
  }
}

describe('generated code', () => {
  it('gives the values and reports of the closures, for random expressions and records', () => {
    const seeds = Array.from({ length: 1500 }, (_, i) => i + 1);
    let compared = 0;
    for (const seed of seeds) {
      const bound = tryBind(seed);
      if (bound === undefined) continue;
      const random = new SeededRandom(-seed);
      const records = recordsOf(random, 8);
      const generated = outcomes(compileExpression, bound, records);
      const interpreted = outcomes(interpretExpression, bound, records);
      compared++;
      for (const [i, expected] of interpreted.entries()) {
        const actual = generated[i];
        const isSame = actual !== undefined && valuesEqual(actual.value, expected.value);
        if (isSame && String(actual.reports) === String(expected.reports)) continue;
        throw new Error(`seed ${seed}, record ${i}: ${formatBound(bound)}\n${show(expected)}\n${show(actual)}`);
      }
    }
    expect(compared).toBeGreaterThan(600);
  });

  it('gives the same over a batch, for several expressions at once', () => {
    const bounds = Array.from({ length: 600 }, (_, i) => tryBind(i + 1)).filter((bound) => bound !== undefined);
    for (let from = 0; from + 3 <= bounds.length; from += 3) {
      const group = bounds.slice(from, from + 3);
      const records = recordsOf(new SeededRandom(-from), 8);
      const byExpression = group.map((bound) => outcomes(interpretExpression, bound, records));
      const batch = batchOutcomes(group, records);
      records.forEach((_, i) => {
        const expected: Outcome = {
          value: byExpression.map((each) => each[i]?.value ?? null),
          reports: byExpression.flatMap((each) => each[i]?.reports ?? []),
        };
        const actual = batch[i];
        const isSame = actual !== undefined && valuesEqual(actual.value, expected.value);
        if (isSame && String(actual.reports) === String(expected.reports)) return;
        throw new Error(`${group.map(formatBound).join(' | ')}, record ${i}\n${show(expected)}\n${show(actual)}`);
      });
    }
  });

  it('selects the rows with a value for which a condition is true', () => {
    const conditions = Array.from({ length: 600 }, (_, i) => tryBind(i + 1)).filter(
      (bound) => bound?.type?.kind === 'BOOLEAN',
    );
    expect(conditions.length).toBeGreaterThan(50);
    conditions.forEach((condition, seed) => {
      if (condition === undefined) return;
      const records = recordsOf(new SeededRandom(seed), 20);
      const { errors } = collecting(records.length);
      const rows: number[] = [];
      const batch = batchOf(records, COLUMN_COUNT);
      const passed = compileSelection(condition, { functions, context, errors })(batch, rows);
      const expected = outcomes(interpretExpression, condition, records).flatMap(({ value }, i) =>
        value === true && records[i]?.value !== null ? [i] : [],
      );
      expect(rows.slice(0, passed)).toEqual(expected);
    });
  });

  it('passes a column on as it is, without a copy', () => {
    const batch = batchOf(recordsOf(new SeededRandom(1), 4), COLUMN_COUNT);
    const column: BoundExpression = { kind: 'valueColumn', index: 2, name: 'C', type: BIGINT };
    const { errors } = collecting(4);
    expect(compileProjection([column], { functions, context, errors })(batch)[0]).toBe(batch.values[2]);
  });
});

function show(outcome: Outcome | undefined): string {
  return JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
