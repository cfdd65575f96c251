import { describe, expect, it } from '@jest/globals';
import { bindExpression } from '../analyze/bind-expression.js';
import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import { KsqlError } from '../errors/sql-error.js';
import type { FunctionContext } from '../functions/function.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { RANDOM_SCOPE, randomExpression, randomRecord } from '../testing/random-expression.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { valuesEqual } from '../types/compare.js';
import type { SqlValue } from '../types/sql-value.js';
import { compileExpression, interpretExpression } from './compile.js';
import type { EvaluationErrors, EvaluationRecord } from './evaluator.js';

const functions = createFunctionRegistry();
const context: FunctionContext = { nowMs: () => 0, random: () => 0, property: () => undefined };

interface Outcome {
  readonly value: SqlValue;
  readonly reports: readonly string[];
}

type Compile = typeof compileExpression;

/** Runs one compiled expression on several records. */
function outcomes(compile: Compile, bound: BoundExpression, records: readonly EvaluationRecord[]): readonly Outcome[] {
  let reports: string[] = [];
  const errors: EvaluationErrors = {
    report: (expression, cause) => {
      reports.push(`${expression}: ${cause instanceof Error ? cause.message : String(cause)}`);
    },
  };
  const evaluate = compile(bound, functions, context, errors);
  return records.map((record) => {
    reports = [];
    const value = evaluate(record);
    return { value, reports };
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
      const records = Array.from({ length: 8 }, () => randomRecord(random));
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
});

function show(outcome: Outcome | undefined): string {
  return JSON.stringify(outcome, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
