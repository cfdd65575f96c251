import type { PlanNode, QueryPlan } from '../plan/nodes.js';

/** The topics a plan reads, tables marked. */
export function persistentSources(plan: QueryPlan): readonly { readonly topic: string; readonly isTable: boolean }[] {
  const found = new Map<string, boolean>();
  const visit = (node: PlanNode): void => {
    if (node.kind === 'streamSource' || node.kind === 'tableSource') {
      found.set(node.topic.topic, node.kind === 'tableSource');
      return;
    }
    for (const input of planInputs(node)) visit(input);
  };
  visit(plan.root);
  return [...found].map(([topic, isTable]) => ({ topic, isTable }));
}

export function planInputs(node: PlanNode): readonly PlanNode[] {
  if ('input' in node) return [node.input];
  if ('left' in node) return [node.left, node.right];
  return [];
}

/** A table's readers need the newest row per key only; EMIT FINAL and streams send every row. */
export function coalescesChanges(plan: QueryPlan): boolean {
  if (plan.resultKind !== 'TABLE') return false;
  const emitsFinal = (node: PlanNode): boolean =>
    (node.kind === 'windowedAggregate' && node.emitFinal) || planInputs(node).some(emitsFinal);
  return !emitsFinal(plan.root);
}
