import {
  openPull,
  openPush,
  parseStatements,
  type KsqlEngine,
  type ParsedStatement,
  type RequestSession,
  type SqlValue,
} from '@isobar/ksql-engine';
import { ApiError, BAD_STATEMENT, SERVER_ERROR, toApiError } from '../http/responses.js';
import type { Response } from '../http/http-listener.js';
import type { ServerContext } from '../server-context.js';
import { answerPrint } from './print-topic.js';
import { writeChunk, type AnswerHeader, type RowFraming } from './row-writer.js';

export interface QueryRequest {
  readonly sql: string;
  readonly session: RequestSession;
  /** Chooses the framing once it is known whether the query pushes. */
  framing(isPush: boolean): RowFraming;
  readonly allowsPrint: boolean;
}

/** Answers a SELECT or PRINT until it ends, its limit is reached or the client leaves. */
export async function answerQuery(
  request: QueryRequest,
  context: ServerContext,
  engine: KsqlEngine,
  response: Response,
): Promise<void> {
  const statement = theOnlyStatement(request.sql, request.session);
  if (statement.statement.kind === 'print') {
    if (!request.allowsPrint)
      throw new ApiError(BAD_STATEMENT, 'PRINT is not available in this media type', statement.text);
    return answerPrint(statement.statement, context, response);
  }
  if (statement.statement.kind !== 'query') {
    throw new ApiError(BAD_STATEMENT, `Neither a query nor a print statement\nStatement: ${request.sql}`, request.sql);
  }
  const planned = await engine.plan(statement, request.session);
  if (planned.kind === 'pushQuery') {
    const opened = openPush(engine, planned, request.session);
    context.transientQueries.set(opened.queryId, opened.query);
    response.once('close', () => void opened.query.close());
    try {
      await stream(response, request.framing(true), { ...opened, marksKeys: false }, opened.batches(), () =>
        planned.limit === undefined ? undefined : 'Limit Reached',
      );
    } finally {
      await opened.query.close();
      context.transientQueries.delete(opened.queryId);
    }
    return;
  }
  if (planned.kind !== 'pullQuery')
    throw new ApiError(SERVER_ERROR, 'this SELECT was not planned as a query', statement.text);
  const opened = await openPull(engine, planned.pull, request.session);
  await stream(
    response,
    request.framing(opened.isStream),
    { ...opened, marksKeys: !opened.isStream },
    opened.batches(),
    () => (opened.isStream ? 'Query Completed' : undefined),
  );
}

interface RowBatch {
  readonly values: readonly SqlValue[];
  readonly isTombstone: boolean;
}

async function stream(
  response: Response,
  framing: RowFraming,
  header: AnswerHeader,
  batches: AsyncIterable<readonly RowBatch[]>,
  finalMessage: () => string | undefined,
): Promise<void> {
  response.writeHead(200, framing.contentType ? { 'content-type': framing.contentType } : {});
  const types = header.columns.map((column) => column.type);
  try {
    if (!(await writeChunk(response, framing.begin(header)))) return;
    for await (const batch of batches) {
      const text = batch.map((row) => framing.row(row.values, types, row.isTombstone)).join('');
      if (!(await writeChunk(response, text === '' ? framing.idle : text))) return;
    }
    await writeChunk(response, framing.end(finalMessage()));
  } catch (error) {
    await writeChunk(response, framing.error(toApiError(error)));
  }
  response.end();
}

function theOnlyStatement(sql: string, session: RequestSession): ParsedStatement {
  const statements = parseStatements(sql, session.variables);
  const [statement] = statements;
  if (!statement || statements.length !== 1) {
    const message = `Expected exactly one KSQL statement; found ${statements.length} instead`;
    throw new ApiError(BAD_STATEMENT, `${message}\nStatement: ${sql}`, sql);
  }
  return statement;
}
