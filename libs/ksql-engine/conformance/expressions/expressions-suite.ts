import { KsqlError } from '../../src/errors/sql-error.js';
import { compileExpression } from '../../src/expression/compile.js';
import type { EvaluationErrors } from '../../src/expression/evaluator.js';
import type { FunctionContext } from '../../src/functions/function.js';
import { createFunctionRegistry } from '../../src/functions/registry.js';
import { formatType } from '../../src/types/format-type.js';
import { jsonText } from '../../src/types/json-text.js';
import type { SqlType } from '../../src/types/sql-type.js';
import type { CaseResult, Suite } from '../suite.js';
import { languageDeviations, type Deviation } from './deviations.js';
import { loadExpressionFiles, type ExpressionCase, type ExpressionFile } from './expression-case.js';
import { ExpressionRow } from './expression-row.js';
import { functionDeviations } from './function-deviations.js';
import { isSameValue } from './same-answer.js';

const deviations = [...languageDeviations, ...functionDeviations];
const functions = createFunctionRegistry();
const context: FunctionContext = { nowMs: () => 0, random: () => 0.5, property: () => undefined };
const errors: EvaluationErrors = { report: () => undefined };

/** Evaluates single expressions on one row and compares type and value with what a real server answered. */
export const expressionsSuite: Suite = async ({ casesFolder, filter }) => {
  const files = await loadExpressionFiles(casesFolder);
  const results: CaseResult[] = [];
  const used = new Set<Deviation>();
  for (const file of files) {
    const row = new ExpressionRow(file, functions);
    for (const testCase of file.cases) {
      if (filter !== undefined && !`${file.file} - ${testCase.sql}`.includes(filter)) continue;
      const deviation = deviations.find((entry) => entry.file === file.file && entry.sql === testCase.sql);
      if (deviation !== undefined) used.add(deviation);
      results.push(judge(file, testCase, row, deviation));
    }
  }
  if (filter === undefined) {
    const names = new Set(files.map((file) => file.file));
    for (const entry of deviations.filter(({ file }) => names.has(file))) {
      if (used.has(entry)) continue;
      results.push(resultOf(entry.file, entry.sql, 'failed', 'a listed deviation has no case'));
    }
  }
  return results;
};

function resultOf(file: string, name: string, outcome: CaseResult['outcome'], reason: string): CaseResult {
  return { suite: 'expressions', file, name, outcome, reason };
}

function judge(
  file: ExpressionFile,
  testCase: ExpressionCase,
  row: ExpressionRow,
  deviation: Deviation | undefined,
): CaseResult {
  const ours = answer(testCase.sql, row);
  const problem = difference(testCase, ours);
  const result = (outcome: CaseResult['outcome'], reason: string): CaseResult =>
    resultOf(file.file, testCase.sql, outcome, reason);
  if (deviation === undefined) return problem === undefined ? result('passed', '') : result('failed', problem);
  if (problem === undefined) return result('failed', 'a listed deviation has closed: take it from the list');
  const ourText = ours.type === undefined ? 'refused' : `${formatType(ours.type)} ${ours.value}`;
  if (ourText !== deviation.ours)
    return result('failed', `listed as deviation ${deviation.ours}, but it is ${ourText}`);
  const serverText = testCase.error === undefined ? `${testCase.type ?? ''} ${testCase.value ?? ''}` : 'refused';
  return result('known-gap', `server: ${serverText}; here: ${ourText}. ${deviation.reason}`);
}

type OurAnswer =
  { readonly type: SqlType; readonly value: string } | { readonly type?: undefined; readonly refusal: string };

function answer(sql: string, row: ExpressionRow): OurAnswer {
  try {
    const bound = row.bind(sql);
    const evaluate = compileExpression(bound, functions, context, errors);
    return { type: bound.type, value: jsonText(evaluate(row.record), bound.type) };
  } catch (error) {
    if (error instanceof KsqlError) return { refusal: error.message };
    throw error;
  }
}

function difference(testCase: ExpressionCase, ours: OurAnswer): string | undefined {
  if (testCase.error !== undefined) {
    if (ours.type === undefined) return undefined;
    return `expected a refusal (${testCase.error.message.slice(0, 200)}), got ${formatType(ours.type)} ${ours.value}`;
  }
  const expected = `${testCase.type ?? ''} ${testCase.value ?? ''}`;
  if (ours.type === undefined) return `expected ${expected}, was refused: ${ours.refusal}`;
  const type = formatType(ours.type);
  const isSame = type === testCase.type && isSameValue(testCase.sql, ours.type, testCase.value ?? 'null', ours.value);
  return isSame ? undefined : `expected ${expected}, got ${type} ${ours.value}`;
}
