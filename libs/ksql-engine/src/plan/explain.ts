import type { Schema } from '../catalog/schema.js';
import { formatType } from '../types/format-type.js';
import type { PlanNode, QueryPlan } from './nodes.js';

const STEPS: { readonly [K in PlanNode['kind']]: string } = {
  streamSource: 'SOURCE',
  tableSource: 'SOURCE',
  filter: 'FILTER',
  project: 'PROJECT',
  selectKey: 'REKEY',
  flatMap: 'FLAT_MAP',
  groupBy: 'GROUP_BY',
  streamAggregate: 'AGGREGATE',
  windowedAggregate: 'AGGREGATE',
  tableAggregate: 'AGGREGATE',
  streamStreamJoin: 'JOIN',
  streamTableJoin: 'JOIN',
  tableTableJoin: 'JOIN',
  foreignKeyJoin: 'JOIN',
};

/** The plan as EXPLAIN shows it: one line per step from the sink to the sources, with its schema and its logger's name. */
export function explainPlan(plan: QueryPlan): string {
  const lines: string[] = [];
  const line = (depth: number, step: string, schema: Schema, logger: string): void => {
    lines.push(
      `${'\t\t'.repeat(depth)} > [ ${step} ] | Schema: ${schemaText(schema)} | Logger: ${plan.queryId}.${logger}\n`,
    );
  };
  const visit = (node: PlanNode, depth: number): void => {
    const isSource = node.kind === 'streamSource' || node.kind === 'tableSource';
    line(depth, STEPS[node.kind], node.schema, `${node.id.replaceAll('-', '.')}${isSource ? '.Source' : ''}`);
    if ('input' in node) visit(node.input, depth + 1);
    if ('left' in node) {
      visit(node.left, depth + 1);
      visit(node.right, depth + 1);
    }
  };
  const { sink } = plan;
  if (sink.kind === 'topic') line(0, 'SINK', sink.schema, sink.sourceName);
  visit(plan.root, sink.kind === 'topic' ? 1 : 0);
  return lines.join('');
}

function schemaText({ key, value }: Schema): string {
  return [
    ...key.map(({ name, type }) => `${name} ${formatType(type)} KEY`),
    ...value.map(({ name, type }) => `${name} ${formatType(type)}`),
  ].join(', ');
}
