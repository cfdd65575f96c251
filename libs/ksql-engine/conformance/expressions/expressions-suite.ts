import { KsqlError } from '../../src/errors/sql-error.js';
import { compileExpression } from '../../src/expression/compile.js';
import type { EvaluationErrors } from '../../src/expression/evaluator.js';
import type { FunctionContext } from '../../src/functions/function.js';
import { createFunctionRegistry } from '../../src/functions/registry.js';
import { formatType } from '../../src/types/format-type.js';
import { jsonText } from '../../src/types/json-text.js';
import type { CaseResult, Suite } from '../suite.js';
import { languageDeviations, type Deviation } from './deviations.js';
import { runAggregate } from './aggregate-run.js';
import { isOfAggregates, loadExpressionFiles, type ExpressionCase, type ExpressionFile } from './expression-case.js';
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
    const row = isOfAggregates(file) ? undefined : new ExpressionRow(file, functions);
    const compare =
      row === undefined
        ? (testCase: ExpressionCase) => compareGroups(file, testCase)
        : (testCase: ExpressionCase) => compareValue(testCase, row);
    for (const testCase of file.cases) {
      if (filter !== undefined && !`${file.file} - ${testCase.sql}`.includes(filter)) continue;
      const deviation = deviations.find((entry) => entry.file === file.file && entry.sql === testCase.sql);
      if (deviation !== undefined) used.add(deviation);
      results.push(judge(file, testCase, compare(testCase), deviation));
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

/** What came out: our answer as text, and how it differs from the server's. */
interface Compared {
  readonly ours: string;
  readonly problem: string | undefined;
}

function judge(
  file: ExpressionFile,
  testCase: ExpressionCase,
  { ours, problem }: Compared,
  deviation: Deviation | undefined,
): CaseResult {
  const result = (outcome: CaseResult['outcome'], reason: string): CaseResult =>
    resultOf(file.file, testCase.sql, outcome, reason);
  if (deviation === undefined) return problem === undefined ? result('passed', '') : result('failed', problem);
  if (problem === undefined) return result('failed', 'a listed deviation has closed: take it from the list');
  if (ours !== deviation.ours) return result('failed', `listed as deviation ${deviation.ours}, but it is ${ours}`);
  return result('known-gap', `server: ${serverAnswer(testCase)}; here: ${ours}. ${deviation.reason}`);
}

function serverAnswer({ error, type, value, values }: ExpressionCase): string {
  return error === undefined ? `${type ?? ''} ${value ?? JSON.stringify(values)}` : 'refused';
}

/** Runs our side; a refusal is an answer too. */
function compareWith<T>(
  testCase: ExpressionCase,
  run: () => T,
  show: (answer: T) => string,
  isSame: (answer: T) => boolean,
): Compared {
  let answer: T;
  try {
    answer = run();
  } catch (error) {
    if (!(error instanceof KsqlError)) throw error;
    const isExpected = testCase.error !== undefined;
    const problem = isExpected ? undefined : `expected ${serverAnswer(testCase)}, was refused: ${error.message}`;
    return { ours: 'refused', problem };
  }
  const ours = show(answer);
  if (testCase.error !== undefined) {
    return { ours, problem: `expected a refusal (${testCase.error.message.slice(0, 200)}), got ${ours}` };
  }
  return { ours, problem: isSame(answer) ? undefined : `expected ${serverAnswer(testCase)}, got ${ours}` };
}

function compareValue(testCase: ExpressionCase, row: ExpressionRow): Compared {
  return compareWith(
    testCase,
    () => {
      const bound = row.bind(testCase.sql);
      const evaluate = compileExpression(bound, functions, context, errors);
      return { type: bound.type, value: jsonText(evaluate(row.record), bound.type) };
    },
    ({ type, value }) => `${formatType(type)} ${value}`,
    ({ type, value }) =>
      formatType(type) === testCase.type && isSameValue(testCase.sql, type, testCase.value ?? 'null', value),
  );
}

function compareGroups(file: ExpressionFile, testCase: ExpressionCase): Compared {
  const expected = new Map(Object.entries(testCase.values ?? {}));
  return compareWith(
    testCase,
    () => runAggregate(file, testCase.sql),
    ({ type, values }) => `${formatType(type)} ${JSON.stringify(Object.fromEntries(values))}`,
    ({ type, values }) =>
      formatType(type) === testCase.type &&
      values.size === expected.size &&
      [...values].every(([key, value]) => {
        const other = expected.get(key);
        return other !== undefined && isSameValue(testCase.sql, type, other, value);
      }),
  );
}
