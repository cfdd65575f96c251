import { ParseFailedError, type KsqlEngine, type PrintTopic, type RequestSession } from '@isobar/ksql-engine';
import { ApiError, BAD_REQUEST, BAD_STATEMENT, isExpected, RequestError, toApiError } from '../http/responses.js';
import type { Response } from '../http/http-listener.js';
import type { ServerContext } from '../server-context.js';
import { parseRequest } from '../routes/parse-request.js';
import { closeQuietly } from './client-watch.js';
import { onlyStatement, openQuery, type OpenedQuery } from './open-query.js';
import { openPrint } from './print-topic.js';
import { AnswerWriter } from './answer-writer.js';
import type { RowFraming } from './row-writer.js';

export interface QueryRequest {
  readonly sql: string;
  readonly session: RequestSession;
  /** Chooses the framing once it is known whether the query pushes. */
  framing(isPush: boolean): RowFraming;
  readonly allowsPrint: boolean;
  /** The old end point, which is asked for `ksql` and names formats in PRINT. */
  readonly isOld: boolean;
}

/** Answers a SELECT or PRINT until it ends, its limit is reached or the client leaves. */
export async function answerQuery(
  request: QueryRequest,
  context: ServerContext,
  engine: KsqlEngine,
  response: Response,
): Promise<void> {
  const statement = onlyStatement(parse(request, context), request.sql);
  if (statement.statement.kind === 'print') {
    if (!request.allowsPrint)
      throw new ApiError(BAD_STATEMENT, 'PRINT is not available in this media type', statement.text);
    return print(statement.statement, context, response, request.isOld);
  }
  if (statement.statement.kind !== 'query') {
    if (request.isOld)
      throw new ApiError(BAD_REQUEST, 'Only SELECT and PRINT statements are answered here. Send others to /ksql.');
    throw new ApiError(BAD_STATEMENT, `Neither a query nor a print statement\nStatement: ${request.sql}`, request.sql);
  }
  const opened = await openQuery(statement, request.session, context, engine).catch((error: unknown) => {
    // What keeps the text from being a query at all is answered as by /ksql.
    if (error instanceof ParseFailedError) throw error;
    const problem = toApiError(error);
    throw new RequestError(problem.code, problem.message, problem.statementText);
  });
  const framing = request.framing(opened.isPush);
  response.once('close', () => closeQuietly(opened, context.log));
  const beginning = await begin(framing, opened);
  response.writeHead(200);
  const types = opened.header.columns.map((column) => column.type);
  const writer = new AnswerWriter(response, context.limits.slowReaderMs, context.turnedAway);
  try {
    if (!(await writer.write(beginning))) return;
    for await (const batch of opened.batches()) {
      const rows = batch.map((row) => framing.row(row.values, types, row.isTombstone));
      // Clients in use take each frame of a push query for one row, as ksqlDB's server writes them.
      if (rows.length === 0 || !opened.isPush) {
        if (!(await writer.writeAll(rows.length === 0 ? [framing.idle] : rows))) return;
      } else for (const row of rows) if (!(await writer.writeFrame(row))) return;
    }
    await writer.write(framing.end(opened.finalMessage()));
  } catch (error) {
    if (!isExpected(error)) context.log.error({ err: error }, 'a query failed for a reason of the server');
    await writer.write(framing.error(toApiError(error)));
  } finally {
    await opened.close();
  }
  response.end();
}

/** Some framings cannot hold every type, which is said before the answer begins. */
async function begin(framing: RowFraming, opened: OpenedQuery): Promise<string> {
  try {
    return framing.begin(opened.header);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** The end points of queries quote the text that they could not read. */
function parse({ sql, session }: QueryRequest, { limits }: ServerContext): ReturnType<typeof parseRequest> {
  try {
    return parseRequest(sql, session.variables, limits);
  } catch (error) {
    if (!(error instanceof ParseFailedError)) throw error;
    throw new ApiError(BAD_STATEMENT, `${error.message}\nStatement: ${sql}`, error.statementText);
  }
}

async function print(statement: PrintTopic, context: ServerContext, response: Response, isOld: boolean): Promise<void> {
  const opened = await openPrint(statement, context, isOld);
  response.once('close', () => closeQuietly(opened, context.log));
  response.writeHead(200, isOld ? { 'content-type': 'application/json' } : {});
  const writer = new AnswerWriter(response, context.limits.slowReaderMs, context.turnedAway);
  try {
    for await (const lines of opened.batches()) {
      if (!(await writer.writeAll(lines.length > 0 ? lines.map((line) => `${line}\n`) : ['\n']))) return;
    }
  } finally {
    await opened.close();
  }
  response.end();
}
