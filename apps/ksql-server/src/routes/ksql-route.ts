import {
  type Executed,
  type KsqlEngine,
  type Relation,
  type RequestSession,
  type Statement,
} from '@isobar/ksql-engine';
import { setTimeout as delay } from 'node:timers/promises';
import type { Response } from '../http/http-listener.js';
import { isReading } from '../access.js';
import { ApiError, QUERY_ENDPOINT, READ_ONLY, SEQUENCE_TIMEOUT, sendJson, toApiError } from '../http/responses.js';
import type { Route } from '../http/router.js';
import type { ServerContext } from '../server-context.js';
import { requireOverrides, requireSettable, requireUnsettable } from '../properties/property-rules.js';
import { answerStatement, type AnswerScope } from './answer-statement.js';
import { readyEngine } from './ready-engine.js';
import { parseRequest } from './parse-request.js';
import { parseKsqlRequest, type KsqlRequest } from './request-body.js';

const SEQUENCE_WAIT_MS = 5_000;

/** POST /ksql: every statement but SELECT and PRINT. */
export function ksqlRoute(context: ServerContext): Route {
  return {
    method: 'POST',
    path: '/ksql',
    produces: ['application/vnd.ksql.v1+json', 'application/json'],
    async handle(request, response) {
      const body = parseKsqlRequest(await request.text());
      const engine = readyEngine(context);
      await waitForCommand(engine, body.commandSequenceNumber);
      await execute(context, engine, body, response);
    },
  };
}

async function execute(
  context: ServerContext,
  engine: KsqlEngine,
  body: KsqlRequest,
  response: Response,
): Promise<void> {
  const session: RequestSession = { properties: new Map(body.properties), variables: new Map(body.variables) };
  const entities: unknown[] = [];
  const missing = new Set<string>();
  try {
    requireOverrides(session.properties, false);
    const substitutes = session.properties.get('ksql.variable.substitution.enable') !== 'false';
    const statements = parseRequest(body.ksql, substitutes ? session.variables : new Map(), context.limits);
    const defined = new Set(session.variables.keys());
    for (const { statement, text } of statements) {
      if (context.isReadOnly && !isReading(statement))
        throw new ApiError(READ_ONLY, 'This server only answers questions now (READ_ONLY=true).', text);
      if (statement.kind === 'defineVariable') defined.add(statement.name);
      if (statement.kind === 'undefineVariable' && !defined.delete(statement.name)) missing.add(statement.name);
      if (statement.kind === 'setProperty') requireSettable(statement.name, statement.value, text);
      if (statement.kind === 'unsetProperty') requireUnsettable(statement.name, text);
      if (statement.kind !== 'query' && statement.kind !== 'print') continue;
      throw new ApiError(
        QUERY_ENDPOINT,
        "The following statement types should be issued to the websocket endpoint '/query':\n\t* PRINT\n\t* SELECT",
        text,
      );
    }
    await engine.execute(statements, session, async (executed) => {
      const entity = await toEntity(executed, { context, engine, session, undefined: missing });
      if (entity) entities.push({ ...entity, warnings: warningsOf(executed.statement.statement, engine) });
    });
  } catch (error) {
    const problem = toApiError(error, entities);
    sendJson(response, problem.status, problem.body());
    return;
  }
  sendJson(response, 200, entities);
}

async function toEntity(executed: Executed, scope: AnswerScope): Promise<Record<string, unknown> | undefined> {
  const { context } = scope;
  switch (executed.kind) {
    case 'inserted':
      return undefined;
    case 'warning':
      return { '@type': 'warning_entity', statementText: executed.statement.text, message: executed.message };
    case 'command':
    case 'controlled': {
      const statementText = executed.kind === 'command' ? executed.planned.canonicalText : executed.statement.text;
      const status = {
        status: 'SUCCESS',
        message: executed.message,
        queryId: executed.kind === 'command' ? (executed.queryId ?? null) : null,
      } as const;
      context.commandStatuses.set(executed.commandId, status);
      return {
        '@type': 'currentStatus',
        statementText,
        commandId: executed.commandId,
        commandStatus: status,
        commandSequenceNumber: executed.sequenceNumber,
      };
    }
    case 'other':
      return answerStatement(executed.statement, executed.planned, scope);
  }
}

/** What a statement will have to change before a later version takes it, and what an answer does not know. */
function warningsOf(statement: Statement, engine: KsqlEngine): readonly { readonly message: string }[] {
  if (!engine.isOwner && TELLS_OF_QUERIES.has(statement.kind)) return [{ message: standbyWarning(engine) }];
  const query = statement.kind === 'createAsSelect' || statement.kind === 'insertInto' ? statement.query : undefined;
  return query && joinsWithoutGrace(query.from) ? [{ message: NO_GRACE }] : [];
}

const TELLS_OF_QUERIES: ReadonlySet<Statement['kind']> = new Set([
  'show',
  'describeSource',
  'describeSources',
  'explain',
]);
const standbyWarning = (engine: KsqlEngine): string =>
  `This server is a standby and runs no queries: ${engine.leadership?.leader?.url ?? 'the next leader'} knows how they are.`;

const NO_GRACE =
  'DEPRECATION NOTICE: Stream-stream joins statements without a GRACE PERIOD will not be accepted in a future ksqlDB version.\nPlease use the GRACE PERIOD clause as specified in https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/select-push-query/';

function joinsWithoutGrace(relation: Relation): boolean {
  if (relation.kind !== 'join') return false;
  return (relation.within !== undefined && relation.within.graceMs === undefined) || joinsWithoutGrace(relation.left);
}

async function waitForCommand(engine: KsqlEngine, sequenceNumber: number | undefined): Promise<void> {
  if (sequenceNumber === undefined) return;
  const deadline = performance.now() + SEQUENCE_WAIT_MS;
  while (engine.lastSequenceNumber < sequenceNumber) {
    if (performance.now() > deadline) {
      throw new ApiError(
        SEQUENCE_TIMEOUT,
        `Timed out while waiting for a previous command to execute. command sequence number: ${sequenceNumber}`,
      );
    }
    await delay(20);
  }
}
