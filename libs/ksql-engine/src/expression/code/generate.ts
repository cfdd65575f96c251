import type { BoundExpression } from '../../analyze/bound-expression.js';
import { formatBound } from '../../analyze/format-bound.js';
import type { FunctionContext, FunctionRegistry } from '../../functions/function.js';
import type { WritableVector } from '../../types/vector.js';
import {
  HAS_VALUE,
  type EvaluationBatch,
  type EvaluationErrors,
  type Evaluator,
  type Selection,
} from '../evaluator.js';
import { EvaluationBudget } from '../evaluation-budget.js';
import { emitArithmetic, emitNegate } from './arithmetic.js';
import { emitCall } from './call.js';
import { emitBetween, emitComparison, emitIn, emitLike } from './comparison.js';
import { emitArray, emitArrayElement, emitMap, emitMapValue, emitStruct, emitStructField } from './construction.js';
import { emitCast } from './conversion.js';
import { Emitter, type Operand, type Program } from './emitter.js';
import { BATCH_FRAME, RECORD_FRAME } from './frame.js';
import { emitKeyColumn, emitLambdaVariable, emitLiteral, emitPseudoColumn, emitValueColumn } from './leaves.js';
import { emitCase, emitIsNull, emitLogical, emitNot } from './logic.js';

/** What an expression is compiled with. */
export interface Compiling {
  readonly functions: FunctionRegistry;
  readonly context: FunctionContext;
  readonly errors: EvaluationErrors;
}

const RULES: Program['rules'] = {
  literal: emitLiteral,
  keyColumn: emitKeyColumn,
  valueColumn: emitValueColumn,
  pseudoColumn: emitPseudoColumn,
  lambdaVariable: emitLambdaVariable,
  arithmetic: emitArithmetic,
  negate: emitNegate,
  comparison: emitComparison,
  logical: emitLogical,
  not: emitNot,
  isNull: emitIsNull,
  between: emitBetween,
  in: emitIn,
  like: emitLike,
  case: emitCase,
  cast: emitCast,
  call: emitCall,
  arrayElement: emitArrayElement,
  mapValue: emitMapValue,
  structField: emitStructField,
  array: emitArray,
  map: emitMap,
  struct: emitStruct,
};

/**
 * The evaluator of one expression as one JavaScript function. It does what the closures (closures/) do, several times faster:
 * no call per node, no value in a property, types known when the code is written.
 */
export function generateEvaluator(
  expression: BoundExpression,
  functions: FunctionRegistry,
  context: FunctionContext,
  errors: EvaluationErrors,
): Evaluator {
  const program = newProgram(functions, context, errors);
  const emitter = new Emitter(program, RECORD_FRAME, new Map());
  const text = formatBound(expression);
  const value = emitter.emit(expression);
  const body = `${beginOf(expression, emitter)}${emitter.columnReads()}${emitter.code()}\nreturn ${value.code};`;
  const hasLambda = program.hoisted.length > 0;
  const code = [
    ...prologue(program),
    ...(hasLambda ? ['let current = null;'] : []),
    ...program.hoisted,
    'return (record) => {',
    ...(hasLambda ? ['current = record;'] : []),
    emitter.mayThrow ? `try {\n${body}\n} catch (cause) { return fail(cause, record); }` : body,
    '};',
  ].join('\n');
  const fail = RECORD_FRAME.reporter(errors, text);
  return new Function('constants', 'fail', code)(program.constants, fail) as Evaluator;
}

/** Writes what follows from the values of the expressions for row `i`. */
type Finish = (values: readonly Operand[]) => string;

/**
 * A loop over the rows of a batch that evaluates expressions row by row, so that failures are reported in the order of the
 * records. `head` stands before the loop, `tail` behind it.
 */
function generateLoop(
  expressions: readonly BoundExpression[],
  compiling: Compiling,
  isEveryRow: boolean,
  { parameters, head, finish, tail }: { parameters: string; head: string; finish: Finish; tail: string },
): unknown {
  const program = newProgram(compiling.functions, compiling.context, compiling.errors);
  const emitter = new Emitter(program, BATCH_FRAME, new Map());
  // All expressions of a record share one budget.
  emitter.line(expressions.map((expression) => beginOf(expression, emitter)).find((line) => line !== '') ?? '');
  const values = expressions.map((expression) => emitter.part(formatBound(expression), () => emitter.emit(expression)));
  const hasLambda = program.hoisted.length > 0;
  const code = [
    ...prologue(program),
    ...(hasLambda ? ['let current = null;', 'let currentRow = 0;'] : []),
    ...program.hoisted,
    `return (${parameters}) => {`,
    'const { rows, count, flags } = batch;',
    ...(hasLambda ? ['current = batch;'] : []),
    emitter.hoistedReads(),
    head,
    'for (let n = 0; n < count; n++) {',
    'const i = rows[n];',
    ...(isEveryRow ? [] : [`if ((flags[i] & ${HAS_VALUE}) === 0) continue;`]),
    ...(hasLambda ? ['currentRow = i;'] : []),
    emitter.columnReads(),
    emitter.code(),
    finish(values),
    '}',
    tail,
    '};',
  ].join('\n');
  return new Function('constants', code)(program.constants);
}

/** Evaluates expressions into vectors: `outputs` holds one with room for the batch for each. */
export function generateProjection(
  expressions: readonly BoundExpression[],
  compiling: Compiling,
  isEveryRow: boolean,
): (batch: EvaluationBatch, outputs: readonly WritableVector[]) => void {
  return generateLoop(expressions, compiling, isEveryRow, {
    parameters: 'batch, outputs',
    head: expressions.map((_, e) => `const o${e} = outputs[${e}];`).join('\n'),
    finish: (values) => values.map(({ code }, e) => `o${e}[i] = ${code};`).join('\n'),
    tail: '',
  }) as (batch: EvaluationBatch, outputs: readonly WritableVector[]) => void;
}

export function generateSelection(condition: BoundExpression, compiling: Compiling): Selection {
  return generateLoop([condition], compiling, false, {
    parameters: 'batch, passing',
    head: 'let passed = 0;',
    finish: ([value]) => `if (${value?.code ?? 'false'} === true) passing[passed++] = i;`,
    tail: 'return passed;',
  }) as Selection;
}

/** The statement that begins an evaluation, where it may spend something: only calls and texts that are put together do. */
const beginOf = (expression: BoundExpression, emitter: Emitter): string =>
  maySpend(expression) ? `${emitter.constant(emitter.program.budget)}.begin();\n` : '';

/** A bound expression is plain data, so its nodes are found by looking at every object in it. */
function maySpend(part: unknown): boolean {
  if (typeof part !== 'object' || part === null) return false;
  if ('kind' in part && (part.kind === 'call' || part.kind === 'arithmetic')) return true;
  return Object.values(part).some(maySpend);
}

function newProgram(functions: FunctionRegistry, context: FunctionContext, errors: EvaluationErrors): Program {
  return {
    functions,
    context,
    errors,
    budget: EvaluationBudget.from(context),
    constants: [],
    hoisted: [],
    nextName: 0,
    rules: RULES,
  };
}

function prologue({ constants }: Program): readonly string[] {
  return ["'use strict';", ...constants.map((_, i) => `const c${i} = constants[${i}];`)];
}
