import type { PlannedStatement } from '../engine/planned-statement.js';
import type { FunctionRegistry } from '../functions/function.js';
import { planCodec } from '../plan/codec/plan-codec.js';
import type { QueryPlan } from '../plan/nodes.js';

/** A planned statement with its plan as text and back. */
export function withStoredPlan(planned: PlannedStatement, functions: FunctionRegistry): PlannedStatement {
  if (planned.kind === 'persistentQuery') return { ...planned, plan: storedPlan(planned.plan, functions) };
  if (planned.kind === 'catalogChange' && planned.query !== undefined)
    return { ...planned, query: storedPlan(planned.query, functions) };
  return planned;
}

/** @throws Error where the plan is not the same after it was stored, or is not stored under the same text again */
export function storedPlan(plan: QueryPlan, functions: FunctionRegistry): QueryPlan {
  const codec = planCodec(functions);
  const text = JSON.stringify(codec.encode(plan));
  const stored = codec.decode(JSON.parse(text));
  const difference = differenceOf(plan, stored, plan.queryId);
  if (difference !== undefined) throw new Error(`a plan is another once stored: ${difference}`);
  if (JSON.stringify(codec.encode(stored)) !== text) throw new Error(`${plan.queryId} is stored as another text again`);
  return stored;
}

/** Where two values differ; a property that is undefined is as one that is not there. */
function differenceOf(a: unknown, b: unknown, path: string): string | undefined {
  if (Object.is(a, b)) return undefined;
  const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null;
  if (!isPlain(a) || !isPlain(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
    return `${path}: ${String(a)} and ${String(b)}`;
  }
  if (a instanceof Map && b instanceof Map) return differenceOf([...a], [...b], path);
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [one, other] = [a, b] as Record<string, unknown>[];
    const difference = differenceOf(one?.[name], other?.[name], `${path}.${name}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
