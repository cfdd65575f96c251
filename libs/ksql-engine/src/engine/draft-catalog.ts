import { EMPTY_CATALOG } from '../catalog/catalog.js';
import type { DataSource, FormatInfo } from '../catalog/data-source.js';
import { formatColumn } from '../catalog/format-schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { dataSource } from '../plan/codec/catalog-codec.js';
import { planCodec } from '../plan/codec/plan-codec.js';
import type { PlanNode, QueryPlan } from '../plan/nodes.js';
import type { SchemaLookup } from '../ports/schema-registry.js';
import { parseStatements } from '../syntax/parse.js';
import { formatType } from '../types/format-type.js';
import { applyPlanned, type PlanningState } from './apply-planned.js';
import { planStatement } from './plan-statement.js';
import type { PlannedStatement, TopicLookup } from './planned-statement.js';

const functions = createFunctionRegistry();
const plans = planCodec(functions);

export interface DraftColumn {
  readonly name: string;
  /** As SQL spells it. */
  readonly type: string;
  readonly isKey: boolean;
}

/** A stream or table as its statement makes it. */
export interface DraftObject {
  readonly kind: 'STREAM' | 'TABLE';
  readonly name: string;
  readonly topic: string;
  /** Key columns first. */
  readonly columns: readonly DraftColumn[];
  readonly keyFormat: string;
  readonly valueFormat: string;
  /** `TUMBLING` or `HOPPING` with the size, or `SESSION`; undefined without a window. */
  readonly window: string | undefined;
  /** The column that is its event time, with the pattern of texts; undefined where the time of a record is. */
  readonly eventTime: string | undefined;
  /** The streams and tables that its query reads; empty for one that is declared over a topic. */
  readonly sources: readonly string[];
  /** Kinds of the steps of its query. */
  readonly steps: ReadonlySet<PlanNode['kind']>;
  /**
   * All that decides what it is and what its query does, as text. Equal texts mean equal behaviour; aliases, layout, and whether columns were
   * listed or stood for by a star are of no matter.
   */
  readonly definition: string;
}

/** A topic as far as statements ask for it. */
export type DraftTopic = NonNullable<ReturnType<TopicLookup['describe']>>;

/** A registry without subjects, which takes what is registered: what declares its columns can be drafted, what infers them cannot. */
const noSubjects: SchemaLookup = {
  byId: () => undefined,
  latest: () => undefined,
  registered: (_subject, { type, text, references: imports }, references = []) => ({
    id: 0,
    type,
    text,
    imports,
    references,
  }),
};

/**
 * What a server would make of statements, without a server: each is checked and planned against those before it, and nothing runs.
 * Immutable.
 */
export class DraftCatalog {
  private constructor(
    private readonly state: PlanningState,
    private readonly topics: ReadonlyMap<string, DraftTopic> | undefined,
    private readonly queryCount: number,
  ) {}

  /** @param topics those of the cluster; when not given every topic is taken to be there */
  static empty(topics?: ReadonlyMap<string, DraftTopic>): DraftCatalog {
    return new DraftCatalog({ catalog: EMPTY_CATALOG, queries: [] }, topics, 0);
  }

  has(name: string): boolean {
    return this.state.catalog.sources.has(name);
  }

  /**
   * The catalog with what one CREATE statement makes.
   *
   * @param asReplacement takes it for CREATE OR REPLACE: what runs under its name must be able to go on as what the statement says
   * @throws KsqlError when a server would refuse it
   */
  with(sql: string, { asReplacement = false } = {}): { readonly catalog: DraftCatalog; readonly made: DraftObject } {
    const [parsed] = parseStatements(sql);
    const statement = parsed?.statement;
    if (parsed === undefined || (statement?.kind !== 'createSource' && statement?.kind !== 'createAsSelect'))
      throw new KsqlError('expected one CREATE STREAM or CREATE TABLE');
    const planned = planStatement(
      { ...parsed, statement: { ...statement, orReplace: asReplacement, ifNotExists: false } },
      {
        catalog: this.state.catalog,
        queries: this.state.queries,
        topics: { describe: (topic) => this.describe(topic) },
        property: () => undefined,
        nextQueryNumber: this.queryCount,
        nowMs: 0,
        functions,
        schemas: noSubjects,
        assumesTopics: this.topics === undefined,
      },
    );
    const state = applyPlanned(this.state, planned);
    const source = state.catalog.sources.get(statement.name);
    if (source === undefined) throw new KsqlError(`the statement makes no ${statement.name}`);
    const catalog = new DraftCatalog(state, this.topicsAfter(planned), this.queryCount + 1);
    return { catalog, made: toObject(source, planOf(planned)) };
  }

  private describe(topic: string): DraftTopic | undefined {
    return this.topics === undefined ? { partitions: 1, replicas: 1 } : this.topics.get(topic);
  }

  private topicsAfter(planned: PlannedStatement): ReadonlyMap<string, DraftTopic> | undefined {
    if (this.topics === undefined || !('topicsToCreate' in planned)) return this.topics;
    const created = planned.topicsToCreate.map(
      ({ topic, partitions, replicas }) => [topic, { partitions, replicas }] as const,
    );
    return new Map([...this.topics, ...created]);
  }
}

const planOf = (planned: PlannedStatement): QueryPlan | undefined =>
  planned.kind === 'persistentQuery' ? planned.plan : planned.kind === 'catalogChange' ? planned.query : undefined;

function toObject(source: DataSource, plan: QueryPlan | undefined): DraftObject {
  const { kind, name, schema, topic } = source;
  return {
    kind,
    name,
    topic: topic.topic,
    columns: [...schema.key, ...schema.value].map((column, index) => ({
      name: column.name,
      type: column.header === undefined ? formatType(column.type) : formatColumn(column, false),
      isKey: index < schema.key.length,
    })),
    keyFormat: formatText(topic.keyFormat),
    valueFormat: formatText(topic.valueFormat),
    window:
      topic.window &&
      [topic.window.type, ...(topic.window.sizeMs === undefined ? [] : [`${topic.window.sizeMs} ms`])].join(' '),
    eventTime: source.timestamp && [source.timestamp.name, source.timestamp.format ?? ''].join(' ').trim(),
    sources: plan?.sourceNames ?? [],
    steps: new Set(plan === undefined ? [] : [...nodesOf(plan.root)].map((node) => node.kind)),
    definition: JSON.stringify([
      dataSource.encode({ ...source, statementText: '' }),
      plan === undefined ? null : plans.encode({ ...withoutAliases(plan), queryId: '' }),
    ]),
  };
}

const formatText = ({ format, properties, wrapping }: FormatInfo): string =>
  [
    format,
    ...Object.entries(properties).map(([name, value]) => `${name}=${value}`),
    ...(wrapping === undefined ? [] : [wrapping]),
  ].join(' ');

function* nodesOf(node: PlanNode): Generator<PlanNode> {
  yield node;
  if ('input' in node) yield* nodesOf(node.input);
  if ('left' in node) {
    yield* nodesOf(node.left);
    yield* nodesOf(node.right);
  }
}

/** What a source is called inside of a query changes nothing that comes out of it. */
function withoutAliases(plan: QueryPlan): QueryPlan {
  const strip = (node: PlanNode): PlanNode => {
    if ('alias' in node) return { ...node, alias: '' };
    if ('input' in node) return { ...node, input: strip(node.input) };
    return { ...node, left: strip(node.left), right: strip(node.right) };
  };
  return { ...plan, root: strip(plan.root) };
}
