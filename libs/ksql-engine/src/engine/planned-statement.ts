import type { BoundExpression } from '../analyze/bound-expression.js';
import type { Catalog } from '../catalog/catalog.js';
import type { DataSource } from '../catalog/data-source.js';
import type { Schema } from '../catalog/schema.js';
import type { QueryPlan } from '../plan/nodes.js';
import type { SchemaLookup } from '../ports/schema-registry.js';
import type { ParsedStatement } from '../syntax/ast/statement.js';
import type { RecordParts } from '../ports/record-columns.js';
import type { SqlType } from '../types/sql-type.js';
import type { Row } from '../types/sql-value.js';

/** What is known about the broker's topics while a statement is planned; loaded before, so that planning is synchronous. */
export interface TopicLookup {
  describe(
    topic: string,
  ): { readonly partitions: number; readonly replicas: number; readonly retentionMs?: number | undefined } | undefined;
}

/** A topic that must exist before the statement takes effect. */
export interface TopicToCreate {
  readonly topic: string;
  readonly partitions: number;
  readonly replicas: number;
  /** Topic configuration: `cleanup.policy`, `retention.ms`. */
  readonly config: Readonly<Record<string, string>>;
}

export interface PlanningContext {
  readonly catalog: Catalog;
  readonly topics: TopicLookup;
  /** Server configuration overlaid with the request's properties. */
  readonly property: (name: string) => string | undefined;
  /** The number that the next query id gets (command offset on a server, a counter in tests). */
  readonly nextQueryNumber: number;
  /** Wall clock for INSERT VALUES. */
  readonly nowMs: number;
  /** Persistent queries that exist: for INSERT INTO protection, DROP, OR REPLACE. */
  readonly queries: readonly ExistingQuery[];
  /** True where topics come into being by themselves (tests): none is required, compared or created. */
  readonly assumesTopics?: boolean | undefined;
  /** Absent where no schema registry is configured. */
  readonly schemas?: SchemaLookup | undefined;
  /** Uniform in [0, 1), for RANDOM and UUID in INSERT VALUES; 0 when not given. */
  readonly random?: (() => number) | undefined;
}

export interface ExistingQuery {
  readonly queryId: string;
  readonly sinkName: string | undefined;
  readonly kind: 'CREATE_AS' | 'INSERT' | 'CREATE_SOURCE';
  readonly plan: QueryPlan;
}

/**
 * A statement that was validated and planned against one catalog snapshot; applying it is all that is left.
 * `canonicalText` is the re-rendered statement after injection (formats, schemas, topic properties).
 */
export type PlannedStatement =
  | {
      readonly kind: 'catalogChange';
      readonly action: 'create' | 'drop' | 'alter' | 'createType' | 'dropType' | 'nothing';
      readonly canonicalText: string;
      readonly catalog: Catalog;
      /** `Stream created`, `Source … was dropped`… */
      readonly message: string;
      /** Shown as warning_entity instead of a command (IF NOT EXISTS on an existing source). */
      readonly isWarning: boolean;
      readonly topicsToCreate: readonly TopicToCreate[];
      readonly topicsToDelete: readonly string[];
      /** Subjects of the registry that go with a deleted topic. */
      readonly subjectsToDelete?: readonly string[];
      /** Queries that end with it (the one that fed a dropped source). */
      readonly terminatedQueryIds: readonly string[];
      /** CREATE SOURCE TABLE starts a materialisation. */
      readonly query: QueryPlan | undefined;
      /** For command ids: `stream`, `table` or `type`, and the name. */
      readonly entityType: 'stream' | 'table' | 'type';
      readonly entityName: string;
    }
  | {
      readonly kind: 'persistentQuery';
      readonly canonicalText: string;
      readonly catalog: Catalog;
      readonly plan: QueryPlan;
      readonly queryKind: ExistingQuery['kind'];
      /** Set for CREATE … AS SELECT. */
      readonly sink: DataSource | undefined;
      readonly topicsToCreate: readonly TopicToCreate[];
      /** The query that OR REPLACE takes over (its id is kept in `plan.queryId`). */
      readonly replacesQueryId: string | undefined;
      readonly isWarning: boolean;
      readonly message: string;
      readonly entityType: 'stream' | 'table';
      readonly entityName: string;
    }
  | {
      readonly kind: 'insertValues';
      readonly target: DataSource;
      readonly record: RecordParts;
    }
  | {
      readonly kind: 'pushQuery';
      readonly plan: QueryPlan;
      /** Columns of the answer, in projection order, and where each stands in a ResultRow. */
      readonly columns: readonly ResultColumn[];
      readonly limit: number | undefined;
      /** The persistent query whose results are tapped; undefined: the topics of the plan are read. */
      readonly tappedQueryId: string | undefined;
    }
  | { readonly kind: 'pullQuery'; readonly pull: PullPlan }
  /** Everything that changes nothing here: SHOW, DESCRIBE, SET, PRINT, TERMINATE… handled by the server. */
  | { readonly kind: 'other'; readonly statement: ParsedStatement };

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly place:
    | { readonly part: 'key' | 'value'; readonly index: number }
    | { readonly part: 'windowStart' | 'windowEnd' | 'rowtime' };
  readonly isKey: boolean;
}

/** A pull query: which rows of a materialised table (or of a stream's topic), filtered and projected. */
export interface PullPlan {
  readonly source: DataSource;
  /** The persistent query whose result store is read; undefined: a bounded scan of the stream's topic. */
  readonly queryId: string | undefined;
  /** Exact keys to look up (all columns each); undefined: scan. */
  readonly keys: readonly Row[] | undefined;
  /** Filter over the row (key, value, window bounds, rowtime as pseudo columns); always applied. */
  readonly predicate: BoundExpression | undefined;
  readonly columns: readonly (ResultColumn | PullExpression)[];
  readonly schema: Schema;
  readonly limit: number | undefined;
}
export interface PullExpression {
  readonly name: string;
  readonly type: SqlType;
  readonly expression: BoundExpression;
  readonly isKey: boolean;
}
