import type { Schema } from '../catalog/schema.js';
import type { PlanNode, QueryPlan } from '../plan/nodes.js';
import { admitting } from '../runtime/schema-admission.js';
import { TransientQuery, type TransientQueryOptions } from '../runtime/transient-query.js';
import { buildTopology } from '../topology/build-topology.js';
import { EventTimeBound } from '../topology/event-time-bound.js';
import type { ResultRow } from '../topology/topology.js';
import type { SqlValue } from '../types/sql-value.js';
import type { KsqlEngine } from './ksql-engine.js';
import type { RequestSession } from './session.js';
import type { LiveQuery } from './live-query.js';
import type { PlannedStatement, ResultColumn } from './planned-statement.js';
import { hasLambda, persistentSources, planInputs, registryParts } from './query-facts.js';
import { ResultTap } from './result-tap.js';
import { untilStarted } from './until-started.js';

/** A row of an answer, in the order of its columns. */
export interface AnswerRow {
  readonly values: readonly SqlValue[];
  readonly isTombstone: boolean;
}

/** A running push query of one client. */
export interface OpenedPush {
  readonly queryId: string;
  readonly columns: readonly ResultColumn[];
  readonly query: TransientQuery;
  batches(): AsyncIterable<readonly AnswerRow[]>;
}

/**
 * Where the results of a running query are followed, it is one that runs: who sees the head of the answer may write a record, and a query
 * that is still starting at the end of its source would not see it.
 */
export async function openPush(
  engine: KsqlEngine,
  planned: Extract<PlannedStatement, { kind: 'pushQuery' }>,
  session: RequestSession,
  /** The name that the first source goes by. */
  sourceName: string,
): Promise<OpenedPush> {
  const { functions, random, onLog } = engine.options;
  const functionContext = engine.functionContext(session.properties);
  // On a standby the query does not run: what it writes elsewhere is read from its topic.
  const tappedId = engine.isOwner ? planned.tappedQueryId : undefined;
  if (tappedId !== undefined) await untilStarted(engine, tappedId);
  const tapped = tappedId === undefined ? undefined : engine.queries.get(tappedId);
  const queryId = tapped ? `SCALABLE_PUSH_QUERY_${randomLong(random)}` : transientId(sourceName, random);
  const timeBound = new EventTimeBound(functionContext.property, functionContext.nowMs);
  const query = new TransientQuery({
    broker: admittedBroker(engine, tapped ? tapOf(tapped, planned.plan) : engine.options.broker, planned.plan),
    sources: persistentSources(planned.plan),
    offsetReset: functionContext.property('auto.offset.reset') === 'earliest' ? 'earliest' : 'latest',
    limit: planned.limit,
    latestMs: () => timeBound.latestMs(),
    isBounded: false,
    hasLambda: hasLambda(planned.plan),
    createTopology: (hooks) =>
      buildTopology(planned.plan, {
        functions,
        functionContext,
        log: { append: (entry) => hooks.onLog(entry) },
        property: (name) => functionContext.property(name),
        schemas: engine.schemas?.table,
        onSink: () => undefined,
        onRows: (rows) => hooks.onRows(rows),
      }),
    onLog: (entry) => onLog({ ...entry, queryId }),
  });
  return {
    queryId,
    columns: planned.columns,
    query,
    async *batches() {
      for await (const rows of query.rows()) yield rows.map((row) => answerRow(row, planned.columns));
    },
  };
}

/** Hands out only what the query can read. */
function admittedBroker(
  { schemas }: KsqlEngine,
  broker: TransientQueryOptions['broker'],
  plan: QueryPlan,
): TransientQueryOptions['broker'] {
  const admitted = admitting(broker, registryParts(plan), schemas);
  return {
    bounds: (topic) => broker.bounds(topic),
    openReader: (positions, bytesMax) => admitted.openReader(positions, bytesMax),
  };
}

/** Looks to a push query like a broker with one topic, whose records are the results of a running query from now on. */
function tapOf(query: LiveQuery, plan: QueryPlan): TransientQueryOptions['broker'] {
  return {
    bounds: () => Promise.resolve([{ partition: 0, start: 0, end: 0 }]),
    openReader: ([position]) =>
      Promise.resolve(
        new ResultTap(position?.topic ?? '', (tap) => query.tap(tap), sourceOf(plan.root).key.length === 0),
      ),
  };
}

function sourceOf(node: PlanNode): Schema {
  if (node.kind === 'streamSource' || node.kind === 'tableSource') return node.schema;
  const [input] = planInputs(node);
  if (input === undefined) throw new Error(`the plan node ${node.kind} reads nothing`);
  return sourceOf(input);
}

/** A deletion keeps its key columns and has nothing else. */
function answerRow(row: ResultRow, columns: readonly ResultColumn[]): AnswerRow {
  return { values: columns.map((column) => columnValue(row, column)), isTombstone: row.tombstone };
}

function columnValue(row: ResultRow, { place }: ResultColumn): SqlValue {
  switch (place.part) {
    case 'key':
      return row.key?.[place.index] ?? null;
    case 'value':
      return row.value?.[place.index] ?? null;
    case 'windowStart':
      return row.windowStart;
    case 'windowEnd':
      return row.windowEnd;
    case 'rowtime':
      return row.timestamp;
  }
}

/** The id of a query of one client: the name that its first source goes by, and a random number. */
export const transientId = (name: string, random: { next(): number }): string =>
  `transient_${name}_${randomLong(random)}`;

const randomLong = (random: { next(): number }): string =>
  String(BigInt(Math.floor(random.next() * 2 ** 31)) * 4294967296n + BigInt(Math.floor(random.next() * 2 ** 32)));
