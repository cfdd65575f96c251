import {
  KsqlStatementError,
  openPull,
  openPush,
  type KsqlEngine,
  type ParsedStatement,
  type RequestSession,
  type SqlValue,
} from '@isobar/ksql-engine';
import { ApiError, QUERY_TIMEOUT, SERVER_ERROR, TOO_MANY_REQUESTS } from '../http/responses.js';
import type { ServerContext } from '../server-context.js';
import { withinTime } from './client-watch.js';
import type { AnswerHeader } from './row-writer.js';

export interface OpenedQuery {
  readonly isPush: boolean;
  readonly header: AnswerHeader;
  /** Said when the rows have ended by themselves. */
  finalMessage(): string | undefined;
  batches(): AsyncIterable<
    readonly {
      readonly values: readonly SqlValue[];
      readonly isTombstone: boolean;
    }[]
  >;
  close(): Promise<void>;
}

/** Plans and opens a SELECT; a push query is known to the server by its id until it is closed. */
export async function openQuery(
  statement: ParsedStatement,
  session: RequestSession,
  context: ServerContext,
  engine: KsqlEngine,
): Promise<OpenedQuery> {
  const planned = await engine.plan(statement, session);
  if (planned.kind === 'pushQuery') {
    const opened = await openPush(engine, planned, session, leftmostName(statement));
    requireRoom(context);
    context.transientQueries.set(opened.queryId, { query: opened.query, statementText: statement.text });
    return {
      isPush: true,
      header: { ...opened, marksKeys: false },
      finalMessage: () => (planned.limit === undefined ? undefined : 'Limit Reached'),
      batches: () => opened.batches(),
      close: async () => {
        context.transientQueries.delete(opened.queryId);
        await opened.query.close();
      },
    };
  }
  if (planned.kind !== 'pullQuery')
    throw new ApiError(SERVER_ERROR, 'this SELECT was not planned as a query', statement.text);
  // Of a stream: all of its topic is read. Of a table: its rows are at hand.
  const leave = planned.pull.queryId === undefined ? context.scanPlaces.take() : (): void => undefined;
  const opened = await openPull(engine, planned.pull, session).catch((error: unknown) => {
    leave();
    throw error;
  });
  const { pullQueryMs } = context.limits;
  return {
    isPush: opened.isStream,
    header: { ...opened, marksKeys: !opened.isStream },
    finalMessage: () => (opened.isStream ? (opened.wasLimited() ? 'Limit Reached' : 'Query Completed') : undefined),
    batches: () =>
      opened.isStream
        ? opened.batches()
        : withinTime(opened.batches(), pullQueryMs, () => new ApiError(QUERY_TIMEOUT, tooLong(pullQueryMs))),
    close: () => Promise.resolve(leave()),
  };
}

const tooLong = (limitMs: number): string =>
  `The rows of this query were not found within ${limitMs} ms. Ask for fewer, by key if possible, or raise KSQL_PULL_QUERY_MS_MAX.`;

/** @throws ApiError 429 when clients have as many push queries as they may */
function requireRoom({ transientQueries, limits, turnedAway }: ServerContext): void {
  if (transientQueries.size < limits.pushQueries) return;
  turnedAway.note('too many push queries', undefined);
  throw new ApiError(
    TOO_MANY_REQUESTS,
    `${limits.pushQueries} push queries are running, as many as may at once. Close one, or raise KSQL_PUSH_QUERIES_MAX.`,
  );
}

/** The name that the first source of a SELECT goes by. */
function leftmostName({ statement }: ParsedStatement): string {
  if (statement.kind !== 'query') return '';
  let relation = statement.query.from;
  while (relation.kind === 'join') relation = relation.left;
  return relation.alias;
}

/** The one statement of a query request. @throws KsqlStatementError when there is none or more */
export function onlyStatement(statements: readonly ParsedStatement[], sql: string): ParsedStatement {
  const [statement] = statements;
  if (statement && statements.length === 1) return statement;
  throw new KsqlStatementError(
    `Expected exactly one KSQL statement; found ${statements.length} instead\nStatement: ${sql}`,
    sql,
  );
}
