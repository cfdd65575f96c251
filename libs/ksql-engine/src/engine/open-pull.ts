import { KsqlError } from '../errors/sql-error.js';
import { compileExpression } from '../expression/compile.js';
import { compilePredicate } from '../expression/compile.js';
import type { EvaluationErrors, EvaluationRecord, Evaluator } from '../expression/evaluator.js';
import { createSerde } from '../serde/formats.js';
import type { Row, SqlValue } from '../types/sql-value.js';
import { headerColumns } from '../topology/header-columns.js';
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlType } from '../types/sql-type.js';
import type { KsqlEngine, RequestSession } from './ksql-engine.js';
import { transientId, type AnswerRow } from './open-push.js';
import type { PullExpression, PullPlan, ResultColumn } from './planned-statement.js';

const BATCH = 1_000;
const POLL_WAIT_MS = 500;
const READY_WAIT_MS = 5_000;
const READY_PAUSE_MS = 20;

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
  const { clock, functions } = engine.options;
  const context = engine.functionContext(session.properties);
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
  const passes = plan.predicate ? compilePredicate(plan.predicate, functions, context, errors) : () => true;
  const readers = plan.columns.map((column): Evaluator =>
    'expression' in column ? compileExpression(column.expression, functions, context, errors) : placeReader(column),
  );
  const project = (record: EvaluationRecord): AnswerRow => ({
    values: readers.map((read) => read(record)),
    isTombstone: false,
  });
  const records =
    plan.queryId === undefined ? streamRecords(engine, plan) : await tableRecords(engine, plan, plan.queryId);
  let isLimited = false;
  return {
    queryId,
    columns: plan.columns.map(({ name, type, isKey }: ResultColumn | PullExpression) => ({ name, type, isKey })),
    isStream: plan.queryId === undefined,
    wasLimited: () => isLimited || plan.limit === 0,
    async *batches() {
      let left = plan.limit ?? Infinity;
      let batch: AnswerRow[] = [];
      for await (const record of records) {
        isLimited = left <= 0;
        if (isLimited) break;
        if (!passes(record)) continue;
        batch.push(project(record));
        left--;
        isLimited = left <= 0;
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
  };
}

function placeReader(column: ResultColumn): Evaluator {
  const { place } = column;
  switch (place.part) {
    case 'key':
      return (record) => record.key?.[place.index] ?? null;
    case 'value':
      return (record) => record.value?.[place.index] ?? null;
    case 'windowStart':
      return (record) => record.windowStart;
    case 'windowEnd':
      return (record) => record.windowEnd;
    case 'rowtime':
      return (record) => record.timestamp;
  }
}

/** The store of a query; one that is just starting is waited for. */
async function resultStore(engine: KsqlEngine, queryId: string) {
  const deadline = performance.now() + READY_WAIT_MS;
  for (;;) {
    const task = engine.queries.get(queryId)?.task;
    const store = task?.topology?.resultStore;
    if (store || task?.state !== 'RESTORING' || performance.now() > deadline) return store;
    await delay(READY_PAUSE_MS);
  }
}

async function tableRecords(engine: KsqlEngine, plan: PullPlan, queryId: string): Promise<Iterable<EvaluationRecord>> {
  const store = await resultStore(engine, queryId);
  if (!store) {
    throw new KsqlError(
      `The table ${plan.source.name} is not ready to be queried: its query ${queryId} is starting or has failed`,
    );
  }
  const wanted = plan.keys && new Set(plan.keys.map((key) => keyText(key)));
  return (function* () {
    for (const entry of plan.limit === undefined || wanted ? store.entries() : inKeyOrder(plan, store.entries())) {
      if (wanted && !wanted.has(keyText(entry.keyRow))) continue;
      yield { ...entry, key: entry.keyRow, partition: 0, offset: -1 };
    }
  })();
}

/** Rows in the order of their serialised keys, so that a limit always takes the same ones. */
function inKeyOrder<E extends { readonly keyRow: Row; readonly windowStart: number }>(
  { source }: PullPlan,
  entries: Iterable<E>,
): readonly E[] {
  const serde = createSerde({ columns: source.schema.key, isKey: true, info: source.topic.keyFormat });
  return [...entries]
    .map((entry) => ({ entry, bytes: Buffer.from(serde.serialize(entry.keyRow) ?? []) }))
    .sort((a, b) => a.bytes.compare(b.bytes) || a.entry.windowStart - b.entry.windowStart)
    .map(({ entry }) => entry);
}

/** Injective for the values of a key: type and text of each column. */
const keyText = (row: readonly SqlValue[]): string =>
  row
    .map(
      (value) => `${typeof value}:${value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)}`,
    )
    .join('\u0000');

async function* streamRecords(engine: KsqlEngine, plan: PullPlan): AsyncGenerator<EvaluationRecord> {
  const { topic, schema } = plan.source;
  const { broker } = engine.options;
  const keySerde = createSerde({ columns: schema.key, isKey: true, info: topic.keyFormat });
  const body = schema.value.filter((column) => column.header === undefined);
  const valueSerde = createSerde({ columns: body, isKey: false, info: topic.valueFormat });
  const withHeaders = headerColumns(schema.value);
  const bounds = (await broker.bounds(topic.topic)).filter((bound) => bound.end > bound.start);
  const open = new Map(bounds.map((bound) => [bound.partition, bound.end]));
  if (open.size === 0) return;
  const reader = await broker.openReader(
    bounds.map(({ partition, start }) => ({ topic: topic.topic, partition, offset: start })),
  );
  try {
    while (open.size > 0) {
      for (const part of await reader.poll(POLL_WAIT_MS)) {
        const end = open.get(part.partition) ?? 0;
        for (const record of part.records) {
          if (record.offset >= end) break;
          try {
            const value = valueSerde.deserialize(record.value);
            if (value === null) continue; // no row, as for every other reader of a stream
            yield {
              key: keySerde.deserialize(record.key),
              value: withHeaders ? withHeaders(value, record.headers) : value,
              timestamp: record.timestamp,
              partition: part.partition,
              offset: record.offset,
              windowStart: -1,
              windowEnd: -1,
            };
          } catch {
            // A record that cannot be read is no row; persistent queries report it to the processing log.
          }
        }
        if (part.nextOffset >= end) open.delete(part.partition);
      }
    }
  } finally {
    await reader.close();
  }
}
