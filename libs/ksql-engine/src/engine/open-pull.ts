import { KsqlError } from '../errors/sql-error.js';
import type { EvaluationErrors, EvaluationRecord } from '../expression/evaluator.js';
import { admitting } from '../runtime/schema-admission.js';
import { createLocalSerde, createSerde } from '../serde/formats.js';
import { rowsAsRead } from '../serde/rows-as-read.js';
import { headerColumns } from '../topology/header-columns.js';
import type { StoredRow } from '../topology/topology.js';
import type { SqlType } from '../types/sql-type.js';
import type { Row } from '../types/sql-value.js';
import type { KsqlEngine } from './ksql-engine.js';
import type { RequestSession } from './session.js';
import { transientId, type AnswerRow } from './open-push.js';
import type { PullExpression, PullPlan, ResultColumn } from './planned-statement.js';
import { compilePullEvaluation, readsColumnsOnly, type EvaluatedRow, type PullEvaluation } from './pull-evaluation.js';
import { registryPartsOf } from './query-facts.js';
import { RowsNotThereError } from './query-host.js';
import { untilStarted } from './until-started.js';

const BATCH = 1_000;
const POLL_WAIT_MS = 500;

export interface OpenedPull {
  readonly queryId: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType; readonly isKey: boolean }[];
  /** A bounded scan of a stream's topic, which ends with a message of its own. */
  readonly isStream: boolean;
  /** Whether the LIMIT ended the rows. */
  wasLimited(): boolean;
  batches(): AsyncIterable<readonly AnswerRow[]>;
}

/**
 * Answers a pull query from the result store of the query that materialises the table, or from a stream's topic up to its present
 * end.
 * @throws KsqlError when the table's query is not ready to be asked
 */
export async function openPull(engine: KsqlEngine, plan: PullPlan, session: RequestSession): Promise<OpenedPull> {
  const { clock } = engine.options;
  const queryId =
    plan.queryId === undefined ? transientId(plan.source.name, engine.options.random) : `query_${clock.nowMs()}`;
  const errors: EvaluationErrors = {
    report: (expression, cause) =>
      engine.options.onLog({
        type: 'RECORD_PROCESSING_ERROR',
        queryId,
        message: `cannot evaluate ${expression}`,
        cause: [cause instanceof Error ? cause.message : String(cause)],
      }),
  };
  const evaluation = openEvaluation(engine, plan, session, errors);
  const pages =
    plan.queryId === undefined ? streamRecords(engine, plan) : await begun(tableRecords(engine, plan, plan.queryId));
  const rows =
    plan.limit === undefined || plan.keys ? answered(pages, evaluation) : firstByKey(plan, pages, evaluation);
  let left = plan.limit ?? Infinity;
  return {
    queryId,
    columns: plan.columns.map(({ name, type, isKey }: ResultColumn | PullExpression) => ({ name, type, isKey })),
    isStream: plan.queryId === undefined,
    wasLimited: () => left <= 0,
    async *batches() {
      if (left <= 0) return;
      try {
        for await (const batch of rows) {
          const taken = batch.slice(0, left);
          left -= taken.length;
          if (taken.length > 0) yield taken.map(({ values }) => ({ values, isTombstone: false }));
          if (left <= 0) return;
        }
      } finally {
        evaluation.close();
      }
    },
  };
}

/** Rows that are only looked at are taken here; others go to wherever the server has them evaluated. */
function openEvaluation(
  engine: KsqlEngine,
  plan: PullPlan,
  session: RequestSession,
  errors: EvaluationErrors,
): PullEvaluation {
  const { clock, functions, config, pullEvaluation } = engine.options;
  if (pullEvaluation !== undefined && !readsColumnsOnly(plan)) {
    const properties = { ...config, ...Object.fromEntries(session.properties) };
    return pullEvaluation(
      { predicate: plan.predicate, columns: plan.columns, properties, nowMs: clock.nowMs() },
      errors,
    );
  }
  const evaluate = compilePullEvaluation(plan, functions, engine.functionContext(session.properties), errors);
  return { evaluate: (rows) => Promise.resolve(evaluate(rows)), close: () => undefined };
}

type Pages = AsyncIterable<readonly EvaluationRecord[]>;

/** The rows that pass, so many at a time as one answer takes. */
async function* answered(
  pages: Pages,
  evaluation: PullEvaluation,
): AsyncGenerator<readonly (EvaluatedRow & { readonly row: EvaluationRecord })[]> {
  for await (const page of pages) {
    for (let from = 0; from < page.length; from += BATCH) {
      const rows = page.slice(from, from + BATCH);
      const passed = await evaluation.evaluate(rows);
      yield passed.map((each) => ({ ...each, row: rows[each.at] as EvaluationRecord }));
    }
  }
}

/** The same pages, of which the first is known: what keeps a query from being answered shows before its answer begins. */
async function begun<T>(pages: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await pages.next();
  return (async function* () {
    if (first.done !== true) yield first.value;
    yield* pages;
  })();
}

/** The rows of a materialised table that are wanted: committed ones, never what a query is still about to write. */
async function* tableRecords(
  engine: KsqlEngine,
  plan: PullPlan,
  queryId: string,
): AsyncGenerator<readonly EvaluationRecord[]> {
  engine.requireOwner(`The rows of ${plan.source.name} are where its query runs.`);
  await untilStarted(engine, queryId);
  const rows = engine.queries.get(queryId)?.rows(plan.keys);
  try {
    if (rows === undefined) throw new RowsNotThereError();
    const { schema, topic } = plan.source;
    const read = rowsAsRead(topic.valueFormat, schema.value);
    for await (const page of rows) yield recordsOf(page, read);
  } catch (error) {
    if (!(error instanceof RowsNotThereError)) throw error;
    throw new KsqlError(
      `The table ${plan.source.name} is not ready to be queried: its query ${queryId} is starting or has failed`,
    );
  }
}

const recordsOf = (entries: Iterable<StoredRow>, read: (value: Row) => Row): EvaluationRecord[] =>
  Array.from(entries, (entry) => ({
    ...entry,
    value: read(entry.value),
    key: entry.keyRow,
    partition: 0,
    offset: -1,
  }));

/** The first rows in the order of their serialised keys, so that a limit always takes the same ones. */
async function* firstByKey(
  plan: PullPlan,
  pages: Pages,
  evaluation: PullEvaluation,
): AsyncGenerator<readonly EvaluatedRow[]> {
  if (plan.queryId === undefined) return yield* answered(pages, evaluation);
  const { schema, topic } = plan.source;
  const serde = createLocalSerde({ columns: schema.key, isKey: true, info: topic.keyFormat });
  const rows = [];
  for await (const batch of answered(pages, evaluation))
    for (const { at, values, row } of batch)
      rows.push({ at, values, row, bytes: Buffer.from(serde.serialize(row.key) ?? []) });
  yield rows.sort((a, b) => a.bytes.compare(b.bytes) || a.row.windowStart - b.row.windowStart).slice(0, plan.limit);
}

/** The rows of a stream's topic up to its present end. */
async function* streamRecords(engine: KsqlEngine, plan: PullPlan): AsyncGenerator<readonly EvaluationRecord[]> {
  const { topic, schema } = plan.source;
  const { broker } = engine.options;
  const schemas = engine.schemas?.table;
  const keySerde = createSerde({ columns: schema.key, isKey: true, info: topic.keyFormat, schemas });
  const body = schema.value.filter((column) => column.header === undefined);
  const valueSerde = createSerde({ columns: body, isKey: false, info: topic.valueFormat, schemas });
  const withHeaders = headerColumns(schema.value);
  const bounds = (await broker.bounds(topic.topic)).filter((bound) => bound.end > bound.start);
  const open = new Map(bounds.map((bound) => [bound.partition, bound.end]));
  if (open.size === 0) return;
  const reader = await admitting(broker, registryPartsOf([topic]), engine.schemas).openReader(
    bounds.map(({ partition, start }) => ({ topic: topic.topic, partition, offset: start })),
  );
  try {
    while (open.size > 0) {
      for (const part of await reader.poll(POLL_WAIT_MS)) {
        const end = open.get(part.partition) ?? 0;
        const page: EvaluationRecord[] = [];
        for (const record of part.records) {
          if (record.offset >= end) break;
          try {
            const value = valueSerde.deserialize(record.value);
            if (value === null) continue; // no row, as for every other reader of a stream
            page.push({
              key: keySerde.deserialize(record.key),
              value: withHeaders ? withHeaders(value, record.headers) : value,
              timestamp: record.timestamp,
              partition: part.partition,
              offset: record.offset,
              windowStart: -1,
              windowEnd: -1,
            });
          } catch {
            // A record that cannot be read is no row; persistent queries report it to the processing log.
          }
        }
        if (part.nextOffset >= end) open.delete(part.partition);
        yield page;
      }
    }
  } finally {
    await reader.close();
  }
}
