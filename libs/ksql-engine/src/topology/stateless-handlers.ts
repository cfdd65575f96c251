import { FlatMap } from '../operators/flat-map.js';
import { Filter } from '../operators/filter.js';
import { Project } from '../operators/project.js';
import { SelectKey } from '../operators/select-key.js';
import { TableFilter } from '../operators/table-filter.js';
import type { BoundExpression } from '../analyze/bound-expression.js';
import type { Projection } from '../expression/evaluator.js';
import type { PlanNode } from '../plan/nodes.js';
import type { Vector } from '../types/vector.js';
import type { QueryBuild } from './query-build.js';
import type { Handler } from './demand.js';
import { FilteredView, ProjectedView } from './table-view.js';
import { columnsOf, withColumnsOf } from './value-columns.js';

export const filter: Handler<'filter'> = (node, build, demand, buildInput) => {
  const selection = build.selection(node.predicate);
  const { output } = demand;
  const inputHasOldValues = node.isTable && hasOldValues(node.input);
  const operator = node.isTable
    ? new TableFilter({ selection, inputHasOldValues, output })
    : new Filter({ selection, output });
  const view = buildInput(node.input, build, {
    ...demand,
    output: (batch) => operator.process(batch),
    needsOldValues: inputHasOldValues,
    columns: withColumnsOf(demand.columns, [node.predicate]),
  });
  return view && new FilteredView(view, build.predicate(node.predicate));
};

/** Whether a table's changes can carry the row before. */
function hasOldValues(node: PlanNode): boolean {
  if (node.kind === 'tableSource') return node.materialized;
  if (node.kind === 'filter' || node.kind === 'project') return hasOldValues(node.input);
  return true;
}

export const project: Handler<'project'> = (node, build, demand, buildInput) => {
  const inputKeyCount = node.input.schema.key.length;
  const operator = new Project(
    {
      keyColumns: node.keyColumns,
      values: build.projection(node.values),
      needsOldValues: demand.needsOldValues,
      output: demand.output,
    },
    inputKeyCount,
  );
  const view = buildInput(node.input, build, {
    ...demand,
    output: (batch) => operator.process(batch),
    columns: columnsOf(node.values),
  });
  return view && new ProjectedView(view, build.evaluators(node.values), node.keyColumns, inputKeyCount);
};

/** Facts of the record itself count as part of its value. */
function readsValue(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(readsValue);
  if ('kind' in node && (node.kind === 'valueColumn' || node.kind === 'pseudoColumn')) return true;
  return Object.values(node).some(readsValue);
}

/** Keys that read the value are null for a record without one; the others are not. */
function keysOf(keys: readonly BoundExpression[], build: QueryBuild): Projection {
  const ofValue = build.projection(keys.filter(readsValue));
  const ofKey = build.projection(
    keys.filter((key) => !readsValue(key)),
    true,
  );
  return (batch) => {
    const fromValue = ofValue(batch);
    const fromKey = ofKey(batch);
    let [nextOfValue, nextOfKey] = [0, 0];
    return keys.map((key) => (readsValue(key) ? fromValue[nextOfValue++] : fromKey[nextOfKey++]) as Vector);
  };
}

export const selectKey: Handler<'selectKey'> = (node, build, demand, buildInput) => {
  const operator = new SelectKey({
    keys: keysOf(node.keys, build),
    values: build.projection(node.values),
    output: demand.output,
  });
  return buildInput(node.input, build, {
    ...demand,
    output: (batch) => operator.process(batch),
    columns: columnsOf([...node.keys, ...node.values]),
  });
};

export const flatMap: Handler<'flatMap'> = (node, build, demand, buildInput) => {
  const operator = new FlatMap({
    calls: node.calls.map((call) => build.tableCall(call)),
    args: build.projection(node.calls.flatMap(({ args }) => args)),
    log: build.skip,
    output: demand.output,
  });
  build.fanOuts.push(() => operator.rowsOfRecordMax);
  const columns = withColumnsOf(
    demand.columns,
    node.calls.flatMap((call) => call.args),
  );
  return buildInput(node.input, build, { ...demand, output: (batch) => operator.process(batch), columns });
};
