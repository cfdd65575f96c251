import type { SqlValue } from '../types/sql-value.js';
import { TransientQuery } from '../runtime/transient-query.js';
import type { ResultRow } from '../topology/topology.js';
import { buildTopology } from '../topology/build-topology.js';
import type { KsqlEngine, RequestSession } from './ksql-engine.js';
import type { PlannedStatement, ResultColumn } from './planned-statement.js';
import { persistentSources } from './query-facts.js';

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

export function openPush(
  engine: KsqlEngine,
  planned: Extract<PlannedStatement, { kind: 'pushQuery' }>,
  session: RequestSession,
  /** The start of the query's id. */
  { prefix }: { readonly prefix: string },
): OpenedPush {
  const { broker, clock, functions, random, onLog } = engine.options;
  const functionContext = engine.functionContext(session.properties);
  const queryId = `${prefix}_${randomLong(random)}`;
  const query = new TransientQuery({
    broker,
    clock,
    sources: persistentSources(planned.plan),
    offsetReset: functionContext.property('auto.offset.reset') === 'earliest' ? 'earliest' : 'latest',
    limit: planned.limit,
    isBounded: false,
    createTopology: (hooks) =>
      buildTopology(planned.plan, {
        functions,
        functionContext,
        log: { append: (entry) => hooks.onLog(entry) },
        property: (name) => functionContext.property(name),
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
