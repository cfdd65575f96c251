import type { BoundExpression } from '../analyze/bound-expression.js';
import { formatBound } from '../analyze/format-bound.js';
import type { FunctionContext, FunctionRegistry } from '../functions/function.js';
import { closeExpression } from './closures/close.js';
import { generateEvaluator, generateProjection, generateSelection, type Compiling } from './code/generate.js';
import {
  HAS_KEY,
  HAS_VALUE,
  type EvaluationBatch,
  type EvaluationErrors,
  type EvaluationRecord,
  type Evaluator,
  type Predicate,
  type Projection,
  type Selection,
} from './evaluator.js';
import { nullVectors, rowAt, type Vector, type WritableVector } from '../types/vector.js';

type Compile = (
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
) => Evaluator;

/** An expression ready to run on records. A failure is reported once and gives NULL. */
export const compileExpression: Compile = (expression, functions, context, errors) =>
  (canGenerateCode() ? generateEvaluator : interpretExpression)(expression, functions, context, errors);

/** The same without generated code: slower, for places that forbid it, and as judge in tests. */
export const interpretExpression: Compile = (expression, functions, context, errors) => {
  const evaluate = closeExpression(expression, functions, context, errors);
  const text = formatBound(expression);
  return (record) => {
    try {
      return evaluate(record);
    } catch (cause) {
      errors.report(text, cause, record);
      return null;
    }
  };
};

/** A condition ready to run on records. A failure is reported once and is false, as is NULL. */
export function compilePredicate(
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
): Predicate {
  const evaluate = compileExpression(expression, functions, context, errors);
  return (record) => evaluate(record) === true;
}

/**
 * Expressions ready to run on batches. A column as it is costs nothing: its vector is the result. `isEveryRow`: rows without a
 * value are evaluated too; such expressions read no value.
 */
export function compileProjection(
  expressions: readonly BoundExpression[],
  compiling: Compiling,
  isEveryRow = false,
): Projection {
  const computed = expressions.filter((expression) => !isColumn(expression));
  const groups = groupsOf(computed).map((group) => ({
    size: group.length,
    run: canGenerateCode()
      ? generateProjection(group, compiling, isEveryRow)
      : interpretProjection(group, compiling, isEveryRow),
  }));
  return (batch) => {
    const results: Vector[] = [];
    for (const { size, run } of groups) {
      const vectors = nullVectors(size, batch.size);
      run(batch, vectors);
      results.push(...vectors);
    }
    if (computed.length === expressions.length) return results;
    let next = 0;
    return expressions.map((expression) =>
      isColumn(expression) ? columnOf(batch, expression) : (results[next++] as Vector),
    );
  };
}

/** A condition ready to run on batches. A failure is reported and is false, as is NULL. */
export function compileSelection(condition: BoundExpression, compiling: Compiling): Selection {
  return (canGenerateCode() ? generateSelection : interpretSelection)(condition, compiling);
}

/** The same without generated code. */
export function interpretSelection(condition: BoundExpression, { functions, context, errors }: Compiling): Selection {
  const evaluate = interpretExpression(condition, functions, context, errors);
  return selectionOf((record) => evaluate(record) === true);
}

/** The same by one call per record. */
export function selectionOf(passes: Predicate): Selection {
  return (batch, passing) => {
    let passed = 0;
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (((batch.flags[at] as number) & HAS_VALUE) !== 0 && passes(recordAt(batch, at))) passing[passed++] = at;
    }
    return passed;
  };
}

type ColumnExpression = Extract<BoundExpression, { kind: 'keyColumn' | 'valueColumn' }>;

function isColumn(expression: BoundExpression): expression is ColumnExpression {
  return expression.kind === 'valueColumn' || expression.kind === 'keyColumn';
}

function columnOf(batch: EvaluationBatch, { kind, index }: ColumnExpression): Vector {
  return (kind === 'keyColumn' ? batch.keys : batch.values)[index] as Vector;
}

/** V8 does not optimise a function that is too long, so many expressions become several loops. */
const EXPRESSIONS_PER_LOOP = 32;

function groupsOf(expressions: readonly BoundExpression[]): readonly (readonly BoundExpression[])[] {
  const groups: (readonly BoundExpression[])[] = [];
  for (let from = 0; from < expressions.length; from += EXPRESSIONS_PER_LOOP) {
    groups.push(expressions.slice(from, from + EXPRESSIONS_PER_LOOP));
  }
  return groups;
}

/** The same without generated code. */
export function interpretProjection(
  expressions: readonly BoundExpression[],
  { functions, context, errors }: Compiling,
  isEveryRow: boolean,
): (batch: EvaluationBatch, outputs: readonly WritableVector[]) => void {
  return projectionOf(
    expressions.map((expression) => interpretExpression(expression, functions, context, errors)),
    isEveryRow,
  );
}

export function projectionOf(
  evaluators: readonly Evaluator[],
  isEveryRow: boolean,
): (batch: EvaluationBatch, outputs: readonly WritableVector[]) => void {
  return (batch, outputs) => {
    for (let n = 0; n < batch.count; n++) {
      const at = batch.rows[n] as number;
      if (!isEveryRow && ((batch.flags[at] as number) & HAS_VALUE) === 0) continue;
      const record = recordAt(batch, at);
      evaluators.forEach((evaluate, e) => ((outputs[e] as WritableVector)[at] = evaluate(record)));
    }
  };
}

/** One row of a batch as a record of its own. */
export function recordAt(batch: EvaluationBatch, at: number): EvaluationRecord {
  const flags = batch.flags[at] as number;
  return {
    key: (flags & HAS_KEY) === 0 ? null : rowAt(batch.keys, at),
    value: (flags & HAS_VALUE) === 0 ? null : rowAt(batch.values, at),
    timestamp: batch.timestamps[at] as number,
    windowStart: batch.windowStarts[at] as number,
    windowEnd: batch.windowEnds[at] as number,
    partition: batch.partitions[at] as number,
    offset: batch.offsets[at] as number,
  };
}

let isCodeAllowed: boolean | undefined;

/** False under `--disallow-code-generation-from-strings`. */
function canGenerateCode(): boolean {
  if (isCodeAllowed === undefined) {
    try {
      new Function('');
      isCodeAllowed = true;
    } catch {
      isCodeAllowed = false;
    }
  }
  return isCodeAllowed;
}
