import { BrokerWatch } from '../health/broker-watch.js';
import { serverHealth, type HealthPart } from '../health/server-health.js';
import { sendJson } from '../http/responses.js';
import type { Route } from '../http/router.js';
import type { ServerContext } from '../server-context.js';

const JSON_TYPES = ['application/vnd.ksql.v1+json', 'application/json'];

/** Whether this server lives (`/healthz`, `/chc`), and whether what it promises happens (`/healthcheck` as ksqlDB has it, `/readyz`). */
export function healthRoutes(context: ServerContext): readonly Route[] {
  const broker = new BrokerWatch(context.broker);
  const lives = (path: string, body: unknown): Route => ({
    method: 'GET',
    path,
    produces: JSON_TYPES,
    handle: (_request, response) => sendJson(response, 200, body),
  });
  return [
    lives('/healthz', { status: 'ok' }),
    lives('/chc/ready', {}),
    lives('/chc/live', {}),
    {
      method: 'GET',
      path: '/healthcheck',
      produces: JSON_TYPES,
      handle: async (_request, response) => {
        const { kafka, engine, leadership, commands, queries, connections } = await serverHealth(context, broker);
        const parts = [kafka, engine, leadership, commands, queries];
        sendJson(response, 200, {
          isHealthy: parts.every(isUp),
          details: {
            metastore: { isHealthy: context.engine !== undefined },
            kafka: detail(kafka),
            commandRunner: detail(commands),
            // ksqlDB has no such details; they are there while they have something to say.
            ...(saysNothing(leadership) ? {} : { leadership: detail(leadership) }),
            ...(saysNothing(queries) ? {} : { queries: detail(queries) }),
            ...(connections === undefined ? {} : { connections: detail(connections) }),
          },
          serverState: context.state,
        });
      },
    },
    {
      method: 'GET',
      path: '/readyz',
      produces: JSON_TYPES,
      handle: async (_request, response) => {
        const parts = await serverHealth(context, broker);
        const down = (Object.values(parts) as HealthPart[]).filter((part) => !isUp(part));
        const isReady = down.every(({ optional }) => optional === true);
        const status = down.length === 0 ? 'ready' : isReady ? 'degraded' : 'not ready';
        sendJson(response, isReady ? 200 : 503, { status, parts });
      },
    },
  ];
}

const isUp = ({ status }: HealthPart): boolean => status === 'up';

const saysNothing = (part: HealthPart): boolean => isUp(part) && part.reason === undefined;

const detail = (part: HealthPart) => ({
  isHealthy: isUp(part),
  ...(part.reason === undefined ? {} : { reason: part.reason }),
});
