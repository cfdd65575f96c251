import { queryStatus } from '../entities/queries.js';
import type { ServerContext } from '../server-context.js';
import type { BrokerWatch } from './broker-watch.js';

/** What a part promises happens (`up`), or does not and why. */
export interface HealthPart {
  readonly status: 'up' | 'down';
  /** One that is down makes the server `degraded`, no more. */
  readonly optional?: true;
  /** Of one that is up: what should be known of it all the same. */
  readonly reason?: string;
}

export interface ServerHealth {
  readonly kafka: HealthPart;
  /** The command topic was replayed and the server takes statements. */
  readonly engine: HealthPart;
  /** It is known who leads the servers of this service id; a standby is as well as its leader. */
  readonly leadership: HealthPart;
  /** Every logged command could be applied. */
  readonly commands: HealthPart;
  /** Every query that is to run does. */
  readonly queries: HealthPart;
  /** There while clients found no room in the last minute. */
  readonly connections?: HealthPart;
}

const NAMED_MAX = 5;
const REASON_CHARS_MAX = 300;
const UP: HealthPart = { status: 'up' };
const down = (reason: string): HealthPart => ({ status: 'down', reason });

export async function serverHealth(context: ServerContext, broker: BrokerWatch): Promise<ServerHealth> {
  const trouble = await broker.trouble();
  return {
    kafka: trouble === undefined ? UP : down(shortened(trouble)),
    engine: engineHealth(context),
    leadership: leadershipHealth(context),
    commands: commandsHealth(context),
    queries: queriesHealth(context),
    ...connectionsHealth(context),
  };
}

function engineHealth({ state, engine, notOpenReason }: ServerContext): HealthPart {
  if (state === 'SHUTTING_DOWN') return down('the server is shutting down');
  if (engine) return engine.laterLog === undefined ? UP : down(shortened(engine.laterLog.message));
  return down(notOpenReason === undefined ? 'the command topic has not been read yet' : shortened(notOpenReason));
}

function leadershipHealth({ engine }: ServerContext): HealthPart {
  if (engine === undefined) return down('it is not known yet who leads');
  const { role, leader, trouble } = engine.leadership ?? { role: 'leader' };
  if (trouble !== undefined) return down(shortened(trouble));
  if (role === 'leader') return UP;
  if (leader === undefined) return down('nobody leads now; this server or another takes over within seconds');
  return { status: 'up', reason: `this server stands by: ${leader.url} leads` };
}

function commandsHealth({ engine }: ServerContext): HealthPart {
  const failures = engine?.commandFailures ?? [];
  if (failures.length === 0) return UP;
  const named = failures.map(({ sequenceNumber, statement, reason }) => {
    return `${sequenceNumber}: ${shortened(statement === '' ? reason : statement)}`;
  });
  return down(`logged commands cannot be applied: ${listed(named)}`);
}

function queriesHealth(context: ServerContext): HealthPart {
  const failed = failedQueries(context).map(({ queryId, reason, waitedMs }) => {
    const wait = waitedMs === undefined ? '' : ` for ${Math.round(waitedMs / 1_000)} s`;
    return `${queryId}: ${shortened(reason)}${wait}`;
  });
  if (failed.length === 0) return UP;
  return down(`${failed.length} of ${context.engine?.queries.size ?? 0} queries do not run: ${listed(failed)}`);
}

function connectionsHealth({ turnedAway }: ServerContext): Pick<ServerHealth, 'connections'> {
  const news = turnedAway.news();
  return news === undefined ? {} : { connections: { status: 'down', optional: true, reason: news } };
}

interface FailedQuery {
  readonly queryId: string;
  readonly reason: string;
  /** How long it has waited for what the reason tells of, where that is a wait. */
  readonly waitedMs?: number;
}

/**
 * Queries that should run and do not: one that starts again after a failure, until it runs, one that another's transaction holds, and one
 * that waits for a schema which the registry does not give.
 */
export function failedQueries({ engine }: ServerContext): readonly FailedQuery[] {
  // On a standby none is to run.
  if (engine?.isOwner === false) return [];
  return [...(engine?.queries.values() ?? [])].flatMap((query): FailedQuery[] => {
    const status = queryStatus(query);
    const lastError = query.errors.at(-1)?.message;
    const wait = query.task?.transactionWait;
    if (wait) {
      const reason = `waits behind an open transaction on ${wait.topic}-${wait.partition}`;
      return [{ queryId: query.queryId, reason, waitedMs: wait.waitedMs }];
    }
    const schema = query.task?.schemaWait;
    if (schema) {
      const reason = `waits for the schema with id ${schema.schemaId}: ${schema.reason}`;
      return [
        {
          queryId: query.queryId,
          reason,
          waitedMs: (engine?.options.clock.nowMs() ?? schema.sinceMs) - schema.sinceMs,
        },
      ];
    }
    const startsAgain = query.task?.state === 'RESTORING' && query.task.metrics.restarts > 0;
    if (status === 'PAUSED' || (status === 'RUNNING' && !startsAgain)) return [];
    return [{ queryId: query.queryId, reason: lastError ?? 'it is not running' }];
  });
}

const shortened = (text: string): string =>
  text.length <= REASON_CHARS_MAX ? text : `${text.slice(0, REASON_CHARS_MAX)}…`;

const listed = (items: readonly string[]): string =>
  items.slice(0, NAMED_MAX).join('; ') + (items.length > NAMED_MAX ? `; and ${items.length - NAMED_MAX} more` : '');
