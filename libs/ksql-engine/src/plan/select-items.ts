import type { QualifiedQuery } from '../analyze/query/qualified-query.js';
import { WINDOW_BOUNDS } from '../catalog/schema.js';
import type { Expression } from '../syntax/ast/expression.js';
import { isJoin, nodeName, toNodeNames } from './query-context.js';
import type { Stage } from './stage.js';

/** One output column before keys and values are told apart; names in the expression are those of the plan. */
export interface SelectedItem {
  readonly expression: Expression;
  readonly name: string;
  /** As in the canonical text, with qualified names. */
  readonly qualified: Expression;
  /** Comes from a star; such a column keeps even a reserved name. */
  readonly isFromStar: boolean;
}

/** Spells out the stars over the records that reach the projection. */
export function selectItems(query: QualifiedQuery, stage: Stage, withWindowBounds: boolean): readonly SelectedItem[] {
  return query.items.flatMap((item): readonly SelectedItem[] => {
    if (item.kind === 'expression') {
      return [
        {
          expression: toNodeNames(query, item.expression),
          name: item.name,
          qualified: item.expression,
          isFromStar: false,
        },
      ];
    }
    const star = (name: string): SelectedItem => ({
      expression: { kind: 'column', name },
      name,
      qualified: { kind: 'column', name },
      isFromStar: true,
    });
    if (!isJoin(query) || query.partitionBy !== undefined) {
      const { key, value } = stage.node.schema;
      const keys = key.map(({ name }) => name);
      const bounds = withWindowBounds && stage.window !== undefined ? WINDOW_BOUNDS : [];
      const values = value.map(({ name }) => name).filter((name) => !keys.includes(name));
      return [...keys, ...bounds, ...values].map(star);
    }
    const synthetic =
      item.source === undefined && stage.keyOrigin === 'syntheticJoin'
        ? stage.node.schema.key.map(({ name }) => name)
        : [];
    const columns = query.sources
      .filter(({ alias }) => item.source === undefined || item.source === alias)
      .flatMap(({ alias, source }) =>
        [
          ...source.schema.key.map(({ name }) => name),
          ...(source.topic.window === undefined ? [] : WINDOW_BOUNDS),
          ...source.schema.value.map(({ name }) => name),
        ].map((name) => nodeName(query, alias, name)),
      );
    return [...synthetic, ...columns].map(star);
  });
}
