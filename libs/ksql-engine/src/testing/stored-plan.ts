import type { Catalog } from '../catalog/catalog.js';
import { EMPTY_STATE, fold } from '../command/fold.js';
import { RecordCodec } from '../command/record-codec.js';
import { effectOf, type PlannedChange } from '../engine/planned-effect.js';
import type { PlannedStatement } from '../engine/planned-statement.js';
import type { FunctionRegistry } from '../functions/function.js';
import { planCodec } from '../plan/codec/plan-codec.js';

/**
 * A planned statement as a server has it: written to the command topic, read and folded.
 *
 * @param before the catalog that it was planned against
 * @throws Error where its plan or its catalog is another then, or is not stored under the same text again
 */
export function withStoredPlan(
  planned: PlannedStatement,
  before: Catalog,
  functions: FunctionRegistry,
): PlannedStatement {
  if (planned.kind !== 'catalogChange' && planned.kind !== 'persistentQuery') return planned;
  const catalogAndPlan = stored(planned, before, functions);
  const { catalog, plan } = catalogAndPlan;
  const wanted = { catalog: planned.catalog, plan: planned.kind === 'persistentQuery' ? planned.plan : planned.query };
  const difference = differenceOf(wanted, catalogAndPlan, planned.entityName);
  if (difference !== undefined) throw new Error(`what was logged is not what was planned: ${difference}`);
  if (plan === undefined) return { ...planned, catalog };
  const text = JSON.stringify(planCodec(functions).encode(plan));
  if (wanted.plan && JSON.stringify(planCodec(functions).encode(wanted.plan)) !== text)
    throw new Error(`${plan.queryId} is stored as another text again`);
  return planned.kind === 'persistentQuery' ? { ...planned, catalog, plan } : { ...planned, catalog, query: plan };
}

function stored(planned: PlannedChange, before: Catalog, functions: FunctionRegistry) {
  const codec = new RecordCodec(functions);
  const { key, value } = codec.encode({
    commandId: '',
    statement: '',
    properties: {},
    variables: {},
    effect: effectOf(
      planned,
      { ...EMPTY_STATE, catalog: before },
      () => undefined,
      (queryId) => queryId,
    ),
    facts: { topics: [], settings: {} },
  });
  const { catalog, queries } = fold({ ...EMPTY_STATE, catalog: before }, codec.decode(0, key, value));
  return { catalog, plan: [...queries.values()][0]?.plan };
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
