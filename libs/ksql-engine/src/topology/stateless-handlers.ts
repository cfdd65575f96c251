import { FlatMap } from '../operators/flat-map.js';
import { Filter } from '../operators/filter.js';
import { Project } from '../operators/project.js';
import { SelectKey } from '../operators/select-key.js';
import { TableFilter } from '../operators/table-filter.js';
import type { PlanNode } from '../plan/nodes.js';
import type { Handler } from './demand.js';
import { FilteredView, ProjectedView } from './table-view.js';
import { columnsOf, withColumnsOf } from './value-columns.js';

export const filter: Handler<'filter'> = (node, build, demand, buildInput) => {
  const predicate = build.predicate(node.predicate);
  const { output } = demand;
  const inputHasOldValues = node.isTable && hasOldValues(node.input);
  const operator = node.isTable
    ? new TableFilter({ predicate, inputHasOldValues, output })
    : new Filter({ predicate, output });
  const view = buildInput(node.input, build, {
    ...demand,
    output: (batch) => operator.process(batch),
    needsOldValues: inputHasOldValues,
    columns: withColumnsOf(demand.columns, [node.predicate]),
  });
  return view && new FilteredView(view, predicate);
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
      values: build.evaluators(node.values),
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
  return view && new ProjectedView(view, operator, node.keyColumns, inputKeyCount);
};

/** Facts of the record itself count as part of its value. */
function readsValue(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some(readsValue);
  if ('kind' in node && (node.kind === 'valueColumn' || node.kind === 'pseudoColumn')) return true;
  return Object.values(node).some(readsValue);
}

export const selectKey: Handler<'selectKey'> = (node, build, demand, buildInput) => {
  const operator = new SelectKey({
    keys: build.evaluators(node.keys),
    keysReadValue: node.keys.map(readsValue),
    values: build.evaluators(node.values),
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
    log: build.skip,
    output: demand.output,
  });
  const columns = withColumnsOf(
    demand.columns,
    node.calls.flatMap((call) => call.args),
  );
  return buildInput(node.input, build, { ...demand, output: (batch) => operator.process(batch), columns });
};
