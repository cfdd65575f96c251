import { bindExpression } from '../analyze/bind-expression.js';
import { KsqlError } from '../errors/sql-error.js';
import { compileExpression } from '../expression/compile.js';
import type { FunctionContext } from '../functions/function.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { toJsonString } from '../functions/scalar/json/to-json-string.js';
import { must } from '../errors/assert.js';
import { parseExpression } from '../syntax/parse.js';
import { formatType } from '../types/format-type.js';

const functions = createFunctionRegistry();

/** A fixed moment and a middling chance, so that specs repeat. */
export const fixedContext: FunctionContext = {
  nowMs: () => Date.UTC(2026, 0, 15),
  random: () => 0.5,
  property: () => undefined,
};

/**
 * Type and value of an expression without columns, the value as JSON text: `INTEGER 3`, `ARRAY<STRING> ["a"]`. A failing
 * evaluation ends in `failed`, a refused expression is `refused`.
 */
export function answerOf(sql: string, context: FunctionContext = fixedContext): string {
  const failures: unknown[] = [];
  try {
    const bound = bindExpression(
      parseExpression(sql),
      {
        resolve: (name) => {
          throw new KsqlError(`column ${name} is unknown`);
        },
      },
      { functions, types: new Map() },
    );
    const evaluate = compileExpression(bound, functions, context, {
      report: (_expression, cause) => failures.push(cause),
    });
    const value = evaluate({
      key: null,
      value: null,
      timestamp: 0,
      partition: 0,
      offset: 0,
      windowStart: -1,
      windowEnd: -1,
    });
    const type = must(bound.type, 'type of the expression');
    const render = must(toJsonString.overloads[0], 'overload').bind([type], context);
    const answer = `${formatType(type)} ${render([value]) as string}`;
    return failures.length > 0 ? `${answer} failed` : answer;
  } catch (error) {
    if (error instanceof KsqlError) return 'refused';
    throw error;
  }
}
