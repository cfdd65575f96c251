import type { SourceLocation } from '../../errors/sql-error.js';
import type { Expression, TimeUnit, TypeRef } from './expression.js';

/** A parsed statement with its own text (`text` ends before the semicolon's end, as the user wrote it, with the semicolon). */
export interface ParsedStatement {
  readonly text: string;
  readonly location: SourceLocation;
  readonly statement: Statement;
}

export type Statement =
  | CreateSource
  | CreateAsSelect
  | InsertInto
  | InsertValues
  | DropSource
  | AlterSource
  | CreateType
  | DropType
  | QueryStatement
  | PrintTopic
  | Explain
  | DescribeSource
  | DescribeSources
  | DescribeFunction
  | DescribeConnector
  | ShowStatement
  | ControlQuery
  | SetProperty
  | UnsetProperty
  | AlterSystem
  | DefineVariable
  | UndefineVariable
  | CreateConnector
  | DropConnector
  | AssertTopic
  | AssertSchema
  | AssertValues
  | AssertTombstone
  | AssertSource;

export type SourceKind = 'STREAM' | 'TABLE';
/** WITH clause: upper-cased names; literal values (string, number, boolean literal nodes). */
export type WithProperties = ReadonlyMap<string, Expression>;

export type ColumnConstraint =
  | { readonly kind: 'none' }
  | { readonly kind: 'key' }
  | { readonly kind: 'primaryKey' }
  | { readonly kind: 'headers' }
  | { readonly kind: 'header'; readonly key: string };

export interface ColumnDeclaration {
  readonly name: string;
  readonly type: TypeRef;
  readonly constraint: ColumnConstraint;
  readonly location: SourceLocation;
}
export interface CreateSource {
  readonly kind: 'createSource';
  readonly sourceKind: SourceKind;
  readonly name: string;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly isSource: boolean;
  readonly columns: readonly ColumnDeclaration[];
  readonly properties: WithProperties;
}
export interface CreateAsSelect {
  readonly kind: 'createAsSelect';
  readonly sourceKind: SourceKind;
  readonly name: string;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly properties: WithProperties;
  readonly query: Query;
}
export interface InsertInto {
  readonly kind: 'insertInto';
  readonly target: string;
  readonly properties: WithProperties;
  readonly query: Query;
}
export interface InsertValues {
  readonly kind: 'insertValues';
  readonly target: string;
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
}
export interface DropSource {
  readonly kind: 'dropSource';
  readonly sourceKind: SourceKind;
  readonly name: string;
  readonly ifExists: boolean;
  readonly deleteTopic: boolean;
}
export interface AlterSource {
  readonly kind: 'alterSource';
  readonly sourceKind: SourceKind;
  readonly name: string;
  readonly additions: readonly { readonly name: string; readonly type: TypeRef }[];
}
export interface CreateType {
  readonly kind: 'createType';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly type: TypeRef;
}
export interface DropType {
  readonly kind: 'dropType';
  readonly name: string;
  readonly ifExists: boolean;
}

/** SELECT as a statement of its own: a pull query without `emit`, a push query with it. */
export interface QueryStatement {
  readonly kind: 'query';
  readonly query: Query;
}
export interface Query {
  readonly select: readonly SelectItem[];
  readonly from: Relation;
  readonly window: WindowClause | undefined;
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[] | undefined;
  readonly partitionBy: readonly Expression[] | undefined;
  readonly having: Expression | undefined;
  readonly emit: 'CHANGES' | 'FINAL' | undefined;
  readonly limit: number | undefined;
  readonly location: SourceLocation;
}
export type SelectItem =
  | { readonly kind: 'all'; readonly source: string | undefined; readonly location?: SourceLocation | undefined }
  | {
      readonly kind: 'expression';
      readonly expression: Expression;
      readonly alias: string | undefined;
      readonly location?: SourceLocation | undefined;
    };
export type Relation = SourceRelation | JoinRelation;
export interface SourceRelation {
  readonly kind: 'source';
  readonly name: string;
  /** The alias, or the name itself. */
  readonly alias: string;
  readonly location?: SourceLocation | undefined;
}
export interface JoinRelation {
  readonly kind: 'join';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  readonly left: Relation;
  readonly right: SourceRelation;
  readonly on: Expression;
  readonly within: WithinClause | undefined;
  readonly location?: SourceLocation | undefined;
}
/** A length of time as written, for printing it back. The `…Ms` fields beside it are what it means. */
export interface Duration {
  readonly amount: number;
  readonly unit: TimeUnit;
}
export interface WithinClause {
  readonly beforeMs: number;
  readonly afterMs: number;
  readonly graceMs: number | undefined;
  readonly before?: Duration | undefined;
  readonly after?: Duration | undefined;
  readonly grace?: Duration | undefined;
}
export interface WindowClause {
  readonly kind: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** Window size, or the inactivity gap of a session. */
  readonly sizeMs: number;
  /** Only for HOPPING. */
  readonly advanceMs: number | undefined;
  readonly retentionMs: number | undefined;
  readonly graceMs: number | undefined;
  readonly size?: Duration | undefined;
  readonly advance?: Duration | undefined;
  readonly retention?: Duration | undefined;
  readonly grace?: Duration | undefined;
  readonly location?: SourceLocation | undefined;
}
export interface PrintTopic {
  readonly kind: 'print';
  readonly topic: string;
  readonly fromBeginning: boolean;
  readonly interval: number;
  readonly limit: number | undefined;
}
export interface Explain {
  readonly kind: 'explain';
  readonly queryId: string | undefined;
  readonly statement: ParsedStatement | undefined;
}
export interface DescribeSource {
  readonly kind: 'describeSource';
  readonly name: string;
  readonly extended: boolean;
}
export interface DescribeSources {
  readonly kind: 'describeSources';
  readonly sourceKind: SourceKind;
  readonly extended: boolean;
}
export interface DescribeFunction {
  readonly kind: 'describeFunction';
  readonly name: string;
}
export interface DescribeConnector {
  readonly kind: 'describeConnector';
  readonly name: string;
}
export interface ShowStatement {
  readonly kind: 'show';
  readonly what:
    | 'STREAMS'
    | 'TABLES'
    | 'QUERIES'
    | 'TOPICS'
    | 'ALL_TOPICS'
    | 'FUNCTIONS'
    | 'PROPERTIES'
    | 'TYPES'
    | 'VARIABLES'
    | 'CONNECTORS'
    | 'SOURCE_CONNECTORS'
    | 'SINK_CONNECTORS'
    | 'CONNECTOR_PLUGINS';
  readonly extended: boolean;
}
/** TERMINATE, PAUSE, RESUME; no query id means ALL. */
export interface ControlQuery {
  readonly kind: 'controlQuery';
  readonly action: 'TERMINATE' | 'PAUSE' | 'RESUME';
  readonly queryId: string | undefined;
}
export interface SetProperty {
  readonly kind: 'setProperty';
  readonly name: string;
  readonly value: string;
}
export interface UnsetProperty {
  readonly kind: 'unsetProperty';
  readonly name: string;
}
export interface AlterSystem {
  readonly kind: 'alterSystem';
  readonly name: string;
  readonly value: string;
}
export interface DefineVariable {
  readonly kind: 'defineVariable';
  readonly name: string;
  readonly value: string;
}
export interface UndefineVariable {
  readonly kind: 'undefineVariable';
  readonly name: string;
}
export interface CreateConnector {
  readonly kind: 'createConnector';
  readonly connectorKind: 'SOURCE' | 'SINK';
  readonly name: string;
  readonly ifNotExists: boolean;
  readonly properties: WithProperties;
}
export interface DropConnector {
  readonly kind: 'dropConnector';
  readonly name: string;
  readonly ifExists: boolean;
}
export interface AssertTopic {
  readonly kind: 'assertTopic';
  readonly topic: string;
  readonly exists: boolean;
  readonly properties: WithProperties;
  readonly timeoutMs: number | undefined;
}
export interface AssertSchema {
  readonly kind: 'assertSchema';
  readonly subject: string | undefined;
  readonly id: number | undefined;
  readonly exists: boolean;
  readonly timeoutMs: number | undefined;
}
export interface AssertValues {
  readonly kind: 'assertValues';
  readonly target: string;
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
}
export interface AssertTombstone {
  readonly kind: 'assertTombstone';
  readonly target: string;
  readonly columns: readonly string[];
  readonly values: readonly Expression[];
}
export interface AssertSource {
  readonly kind: 'assertSource';
  readonly statement: CreateSource;
}
