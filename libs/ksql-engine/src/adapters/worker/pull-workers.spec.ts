import { afterEach, describe, expect, it } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { bindExpression } from '../../analyze/bind-expression.js';
import { compilePullEvaluation, type PullEvaluationRequest } from '../../engine/pull-evaluation.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { EvaluationErrors, EvaluationRecord } from '../../expression/evaluator.js';
import { createFunctionRegistry } from '../../functions/registry.js';
import { parseExpression } from '../../syntax/parse.js';
import { RANDOM_SCOPE, randomExpression, randomRecord } from '../../testing/random-expression.js';
import { fixedContext } from '../../testing/sql-answer.js';
import { SeededRandom } from '../../testing/seeded-random.js';
import { valuesEqual } from '../../types/compare.js';
import { STRING } from '../../types/sql-type.js';
import { PullWorkers, type PullWorkersOptions } from './pull-workers.js';

const functions = createFunctionRegistry();

/** Rows as a store holds them. */
const rowsOf = (seed: number, count: number): EvaluationRecord[] => {
  const random = new SeededRandom(seed);
  return Array.from({ length: count }, (_, offset) => ({ ...randomRecord(random), offset }));
};

/** A request that selects the given expressions. */
const requestOf = (
  sql: readonly string[],
  properties: Readonly<Record<string, string>> = {},
): PullEvaluationRequest => ({
  predicate: undefined,
  columns: sql.map((text, i) => ({
    name: `C${i}`,
    type: STRING,
    isKey: false,
    expression: bindExpression(parseExpression(text), RANDOM_SCOPE, { functions, types: new Map() }),
  })),
  properties,
  nowMs: fixedContext.nowMs(),
});

const unbounded = { 'ksql.expression.steps.max': '1e12' };
/** Takes some minutes. */
const endless =
  'REDUCE(GENERATE_SERIES(1, 900000), 0, (s, x) => s + REDUCE(GENERATE_SERIES(1, 900000), 0, (t, y) => t + y))';
const silent: EvaluationErrors = { report: () => undefined };

describe('threads for pull queries', () => {
  let workers: PullWorkers;
  const start = (options: Partial<PullWorkersOptions> = {}): PullWorkers =>
    (workers = new PullWorkers({ threads: 1, pageTimeoutMs: 60_000, heapMiBMax: 256, ...options }));

  afterEach(async () => {
    await workers.close();
  });

  it('answer as the caller itself would, for random expressions and rows', async () => {
    const { open } = start({ threads: 2 });
    let compared = 0;
    for (let seed = 1; seed <= 250; seed += 1) {
      let expression;
      try {
        expression = bindExpression(randomExpression(new SeededRandom(seed)), RANDOM_SCOPE, {
          functions,
          types: new Map(),
        });
      } catch (error) {
        if (error instanceof KsqlError) continue;
        throw error;
      }
      const request: PullEvaluationRequest = {
        ...requestOf([]),
        columns: [{ name: 'C', type: STRING, isKey: false, expression }],
      };
      const rows = rowsOf(-seed, 8);
      const [here, there] = [[], []] as [string[], string[]];
      const report = (into: string[]): EvaluationErrors => ({
        report: (text, cause, { offset }) => into.push(`${text} ${(cause as Error).message} ${offset}`),
      });
      const expected = compilePullEvaluation(request, functions, fixedContext, report(here))(rows);
      const evaluation = open(request, report(there));
      const actual = await evaluation.evaluate(rows);
      evaluation.close();
      expect(actual.map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
      expected.forEach(({ values }, i) => {
        if (!valuesEqual(actual[i]?.values ?? null, values)) throw new Error(`seed ${seed}, row ${i}`);
      });
      expect(there).toEqual(here);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(100);
  }, 120_000);

  it('keep the literals of a query as they are', async () => {
    const evaluation = start().open(
      requestOf(['12.50 + 1.25', "CAST('9223372036854775807' AS BIGINT)", "TO_BYTES('ff', 'hex')"]),
      silent,
    );
    const [row] = await evaluation.evaluate(rowsOf(1, 1));
    expect(row?.values.map(String)).toEqual(['13.75', '9223372036854775807', '255']);
  });

  it('end a query that takes too long, while the event loop goes on and others are answered', async () => {
    const { open } = start({ threads: 2, pageTimeoutMs: 3_000 });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const slow = open(requestOf([endless], unbounded), silent).evaluate(rowsOf(1, 1));
    const refused = expect(slow).rejects.toThrow(/more than 3000 ms for a part of its rows and was ended/);
    const quick = open(requestOf(['1 + 1']), silent);
    for (let i = 0; i < 50; i += 1) expect((await quick.evaluate(rowsOf(i, 20))).length).toBe(20);
    await refused;
    delay.disable();
    // The evaluation itself would have stopped the loop for the three seconds.
    expect(delay.max / 1e6).toBeLessThan(2_000);
    // A new thread has taken its place.
    expect((await quick.evaluate(rowsOf(9, 3))).length).toBe(3);
  }, 60_000);

  it('let jobs behind a slow one wait in line and lose none of them', async () => {
    // Long enough for the first rows of a new thread on a machine that has no time for it: what is behind may not be refused.
    const { open } = start({ threads: 1, pageTimeoutMs: 8_000 });
    const slow = open(requestOf([endless], unbounded), silent).evaluate(rowsOf(1, 1));
    const refused = expect(slow).rejects.toThrow(KsqlError);
    const behind = Array.from({ length: 20 }, (_, i) => open(requestOf([`${i} + 1`]), silent).evaluate(rowsOf(1, 1)));
    await refused;
    expect((await Promise.all(behind)).map(([row]) => row?.values[0])).toEqual(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
  }, 60_000);

  it('end a query that needs too much memory, and it alone', async () => {
    const { open } = start({ threads: 1, heapMiBMax: 32 });
    const hungry = 'ARRAY_LENGTH(REDUCE(GENERATE_SERIES(1, 30), ARRAY[1, 2], (s, x) => ARRAY_CONCAT(s, s)))';
    await expect(open(requestOf([hungry], unbounded), silent).evaluate(rowsOf(1, 1))).rejects.toThrow(
      /more than 32 MiB/,
    );
    expect((await open(requestOf(['2 + 2']), silent).evaluate(rowsOf(1, 1)))[0]?.values).toEqual([4]);
  }, 60_000);

  it('answer what waits with the reason when the server stops', async () => {
    const { open } = start({ threads: 1 });
    const waiting = [1, 2].map(() => open(requestOf([endless], unbounded), silent).evaluate(rowsOf(1, 1)));
    const refused = waiting.map((each) => expect(each).rejects.toThrow(KsqlError));
    await workers.close();
    await Promise.all(refused);
  }, 30_000);
});
