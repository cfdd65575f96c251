import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import type { BoundTableCall } from '../analyze/bound-expression.js';
import { callsOf, replaceCalls } from './function-calls.js';
import { NodeScope } from './node-scope.js';
import type { QueryContext } from './query-context.js';
import type { SelectedItem } from './select-items.js';
import type { Stage } from './stage.js';

/** Table functions of the select list become a flat-map before the projection, one synthetic column per call. */
export function buildFlatMap(
  context: QueryContext,
  stage: Stage,
  items: readonly SelectedItem[],
): { readonly stage: Stage; readonly items: readonly SelectedItem[] } {
  const { functions } = context.binder;
  if (items.every((item) => callsOf('table', item.expression, functions).length === 0)) return { stage, items };
  if (stage.isTable) throw new KsqlError('Table source is not supported with table functions');
  const scope = new NodeScope(stage.node.schema, stage.window !== undefined);
  const calls: BoundTableCall[] = [];
  const columns: Column[] = [];
  const rewritten = items.map((item) => ({
    ...item,
    expression: replaceCalls('table', item.expression, functions, (call) => {
      const nested = call.args.flatMap((argument) => callsOf('table', argument, functions));
      if (nested.length > 0) throw new KsqlError(`Table functions cannot be nested: ${call.name}`);
      const bound = context.binder.tableFunction(call, scope);
      const name = `KSQL_SYNTH_${calls.length}`;
      calls.push(bound);
      columns.push({ name, type: bound.type });
      return name;
    }),
  }));
  const { schema } = stage.node;
  return {
    items: rewritten,
    stage: {
      ...stage,
      node: {
        kind: 'flatMap',
        id: 'FlatMap',
        schema: { key: schema.key, value: [...schema.value, ...columns] },
        input: stage.node,
        calls,
      },
    },
  };
}
