import type { BoundAggregateCall, BoundExpression, BoundTableCall } from '../analyze/bound-expression.js';
import type { TimestampColumn, TopicInfo } from '../catalog/data-source.js';
import type { Schema } from '../catalog/schema.js';

/**
 * The physical plan of a query: a tree with one sink (or a transient result) at the root. Plain data, versioned, so that it can
 * be stored, compared (upgrade rules) and shown (EXPLAIN). Every node names the schema of the records it emits.
 * `id` is the node's path as ksqlDB names it (`Aggregate`, `Join-Left`, `KsqlTopic`…): it names stores, internal topics and
 * logger entries.
 */
export const PLAN_VERSION = 1;

export type PlanNode =
  | StreamSourceNode
  | TableSourceNode
  | FilterNode
  | ProjectNode
  | SelectKeyNode
  | FlatMapNode
  | GroupByNode
  | StreamAggregateNode
  | WindowedAggregateNode
  | TableAggregateNode
  | StreamStreamJoinNode
  | StreamTableJoinNode
  | TableTableJoinNode
  | ForeignKeyJoinNode;

interface Base {
  readonly id: string;
  readonly schema: Schema;
}
interface SourceBase extends Base {
  readonly sourceName: string;
  readonly alias: string;
  readonly topic: TopicInfo;
  /** Schema as declared (header columns included); `schema` is the same for records that leave the node. */
  readonly timestamp: TimestampColumn | undefined;
}
export interface StreamSourceNode extends SourceBase {
  readonly kind: 'streamSource';
}
/** Reads a changelog. `materialized`: keeps the rows, so that changes carry the old value and joins can look up. */
export interface TableSourceNode extends SourceBase {
  readonly kind: 'tableSource';
  readonly materialized: boolean;
}
/** WHERE and HAVING. Over a table (`isTable`) a row that stops passing becomes a deletion. */
export interface FilterNode extends Base {
  readonly kind: 'filter';
  readonly input: PlanNode;
  readonly isTable: boolean;
  readonly predicate: BoundExpression;
  /** WHERE or HAVING, for messages. */
  readonly clause: 'WHERE' | 'HAVING';
}
/** SELECT. `keyColumns`: which input key column each output key column is (renaming and reordering only). */
export interface ProjectNode extends Base {
  readonly kind: 'project';
  readonly input: PlanNode;
  readonly isTable: boolean;
  readonly keyColumns: readonly number[];
  /** One expression per value column of `schema`. */
  readonly values: readonly BoundExpression[];
}
/** PARTITION BY, and the re-keying of a join input. An empty list makes the stream key-less. */
export interface SelectKeyNode extends Base {
  readonly kind: 'selectKey';
  readonly input: PlanNode;
  readonly keys: readonly BoundExpression[];
  /** Value columns of `schema` that are copied: from the input's value, or from its old key. */
  readonly values: readonly BoundExpression[];
  /** The internal topic that a distributed runtime would use; undefined when none is needed. */
  readonly repartition: InternalTopic | undefined;
}
/** Table functions: one row per element, several functions zipped; adds one value column per call at the end. */
export interface FlatMapNode extends Base {
  readonly kind: 'flatMap';
  readonly input: PlanNode;
  readonly calls: readonly BoundTableCall[];
}
/** GROUP BY. Rows with a null or failing key expression are dropped and logged. `schema.key` is the group key. */
export interface GroupByNode extends Base {
  readonly kind: 'groupBy';
  readonly input: PlanNode;
  readonly isTable: boolean;
  readonly keys: readonly BoundExpression[];
  readonly repartition: InternalTopic | undefined;
}
export interface InternalTopic {
  /** Without the application id: `Aggregate-GroupBy-repartition`. */
  readonly suffix: string;
  readonly info: TopicInfo;
}
interface AggregateBase extends Base {
  readonly input: PlanNode;
  /**
   * Input value columns that are carried beside the aggregates (GROUP BY columns that the projection uses): the newest value
   * wins. `schema.value` = these, then one column per call.
   */
  readonly carried: readonly BoundExpression[];
  readonly calls: readonly BoundAggregateCall[];
  /** Store and changelog: schema of carried columns and states, in the source's value format. */
  readonly materialized: Materialized;
  /** Names of the columns that feed the aggregation, and its calls as text: what an upgrade must leave as it is. */
  readonly inputColumns?: readonly string[];
  readonly functionTexts?: readonly string[];
}
export interface Materialized {
  /** `Aggregate-Aggregate-Materialize`. */
  readonly storeName: string;
  readonly info: TopicInfo;
  readonly schema: Schema;
}
export interface StreamAggregateNode extends AggregateBase {
  readonly kind: 'streamAggregate';
}
export interface TableAggregateNode extends AggregateBase {
  readonly kind: 'tableAggregate';
}
export interface WindowSpec {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** Size, or the gap of a session. */
  readonly sizeMs: number;
  /** = sizeMs for TUMBLING; unused for SESSION. */
  readonly advanceMs: number;
  readonly graceMs: number;
  readonly retentionMs: number;
}
/** Value columns of the result: carried, calls, then WINDOWSTART and WINDOWEND are available as pseudo columns. */
export interface WindowedAggregateNode extends AggregateBase {
  readonly kind: 'windowedAggregate';
  readonly window: WindowSpec;
  /** EMIT FINAL. */
  readonly emitFinal: boolean;
}
interface JoinBase extends Base {
  readonly left: PlanNode;
  readonly right: PlanNode;
  /**
   * Value columns of the result are the left's value columns (`leftValueCount` of them, old keys included where they were
   * copied), then the right's. The result key is the join key, or for a synthetic key also the join key.
   */
  readonly leftValueCount: number;
  readonly rightValueCount: number;
}
export interface StreamStreamJoinNode extends JoinBase {
  readonly kind: 'streamStreamJoin';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  readonly beforeMs: number;
  readonly afterMs: number;
  /** Undefined: no GRACE clause was written, which means 24 h and eager null rows. */
  readonly graceMs: number | undefined;
  readonly leftInfo: TopicInfo;
  readonly rightInfo: TopicInfo;
}
export interface StreamTableJoinNode extends JoinBase {
  readonly kind: 'streamTableJoin';
  readonly type: 'INNER' | 'LEFT';
}
export interface TableTableJoinNode extends JoinBase {
  readonly kind: 'tableTableJoin';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
}
export interface ForeignKeyJoinNode extends JoinBase {
  readonly kind: 'foreignKeyJoin';
  readonly type: 'INNER' | 'LEFT';
  /** Over the left record; equals the right side's primary key. */
  readonly foreignKey: BoundExpression;
}

/** Where the records of a query go. */
export type PlanSink =
  | {
      readonly kind: 'topic';
      readonly sourceName: string;
      readonly topic: TopicInfo;
      readonly schema: Schema;
      readonly timestamp: TimestampColumn | undefined;
    }
  | { readonly kind: 'transient'; readonly limit: number | undefined }
  /** Nowhere: the rows are only kept, for pull queries (CREATE SOURCE TABLE). */
  | { readonly kind: 'materialized' };

export interface QueryPlan {
  readonly version: typeof PLAN_VERSION;
  readonly queryId: string;
  readonly root: PlanNode;
  readonly resultKind: 'STREAM' | 'TABLE';
  readonly resultWindow: WindowSpec | undefined;
  readonly sink: PlanSink;
  /** Names of the sources read, in the order of FROM and JOIN. */
  readonly sourceNames: readonly string[];
  /** Repartition and changelog topics that a distributed runtime would use, for co-partitioning and key formats. */
  readonly internalTopics?: readonly InternalTopic[];
}
