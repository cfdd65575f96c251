// The thread that filters and projects the rows of pull queries. It is ended from outside when a page takes too long.
import { parentPort } from 'node:worker_threads';
import { must } from '../../errors/assert.js';
import { compilePullEvaluation, type RowEvaluator } from '../../engine/pull-evaluation.js';
import type { EvaluationErrors } from '../../expression/evaluator.js';
import { createFunctionRegistry } from '../../functions/registry.js';
import {
  decodeRows,
  encodeEvaluated,
  revive,
  type EvaluationFailure,
  type EvaluationJob,
  type EvaluationOutcome,
  type Forget,
} from './evaluation-messages.js';

/** Failures of one page that are told; the others are like them. */
const FAILURES_MAX = 20;

const port = must(parentPort, 'port to the thread that asks');
const functions = createFunctionRegistry();
const evaluators = new Map<number, RowEvaluator>();
let failures: EvaluationFailure[] = [];

const errors: EvaluationErrors = {
  report: (expression, cause, { partition, offset }) => {
    if (failures.length < FAILURES_MAX)
      failures.push({ expression, cause: cause instanceof Error ? cause.message : String(cause), partition, offset });
  },
};

function evaluatorOf({ id, request }: EvaluationJob): RowEvaluator {
  const known = evaluators.get(id);
  if (known !== undefined) return known;
  const { properties, nowMs, ...rest } = revive(must(request, `request ${id}`));
  const context = {
    nowMs: () => nowMs,
    random: () => Math.random(),
    property: (name: string) => properties[name],
  };
  const evaluator = compilePullEvaluation(rest, functions, context, errors);
  evaluators.set(id, evaluator);
  return evaluator;
}

function evaluate(job: EvaluationJob): EvaluationOutcome {
  failures = [];
  try {
    return { rows: encodeEvaluated(evaluatorOf(job)(decodeRows(job.rows))), failures };
  } catch (error) {
    return { rows: new Uint8Array(), failures, error: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (message: EvaluationJob | Forget) => {
  if (message.kind === 'forget') evaluators.delete(message.id);
  else port.postMessage(evaluate(message));
});
