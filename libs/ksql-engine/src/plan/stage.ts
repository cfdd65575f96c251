import type { FormatInfo, WindowInfo } from '../catalog/data-source.js';
import type { BoundExpression } from '../analyze/bound-expression.js';
import type { InternalTopic, PlanNode } from './nodes.js';

/** What may stand for one key column of a stage's records in the select list. */
export interface StageKey {
  /** Names in the node's scope, the preferred one first. */
  readonly candidates: readonly string[];
  /** The same as the user would write them. */
  readonly display: readonly string[];
}

/** How the key came to be; it decides the words of the messages about it. */
export type KeyOrigin = 'source' | 'partitioning' | 'grouping' | 'join' | 'syntheticJoin' | 'foreignKeyJoin';

/** A part of a plan under construction. */
export interface Stage {
  readonly node: PlanNode;
  readonly isTable: boolean;
  readonly window: WindowInfo | undefined;
  readonly keys: readonly StageKey[];
  readonly keyOrigin: KeyOrigin;
  /** Canonical texts of the expressions that joins made equal to the key. */
  readonly keyExpressions?: readonly string[];
  /** Formats that internal topics and stores of this part use. */
  readonly keyFormat: FormatInfo;
  readonly valueFormat: FormatInfo;
  readonly internalTopics: readonly InternalTopic[];
  /** How many nodes Kafka Streams would have numbered so far: its join stores bear such numbers. */
  readonly streamsNodes: number;
}

/** A reference to each key column, in order. */
export const keyReferences = (node: PlanNode): readonly BoundExpression[] =>
  node.schema.key.map(({ name, type }, index) => ({ kind: 'keyColumn', index, name, type }));

/** A reference to each value column, in order. */
export const valueReferences = (node: PlanNode): readonly BoundExpression[] =>
  node.schema.value.map(({ name, type }, index) => ({ kind: 'valueColumn', index, name, type }));
