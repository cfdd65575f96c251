import { sendEmpty, sendJson } from '../http/responses.js';
import type { Route } from '../http/router.js';
import type { ServerContext } from '../server-context.js';
import { parseClusterTerminate, requireHostMessage } from './request-body.js';
import { readyEngine } from './ready-engine.js';

const JSON_TYPES = ['application/vnd.ksql.v1+json', 'application/json'];

/** What the servers of one service id tell each other, and the end of them all. One of them leads, the others stand by. */
export function clusterRoutes(context: ServerContext): readonly Route[] {
  const hears = (path: string, field: string): Route => ({
    method: 'POST',
    path,
    produces: JSON_TYPES,
    async handle(request, response) {
      requireHostMessage(await request.text(), field);
      sendJson(response, 200, { ok: true });
    },
  });
  return [
    hears('/heartbeat', 'hostInfo'),
    hears('/lag', 'ksqlHost'),
    {
      method: 'GET',
      path: '/clusterStatus',
      produces: JSON_TYPES,
      async handle(_request, response) {
        if (context.properties['ksql.heartbeat.enable'] !== 'true') {
          sendEmpty(response, 404, { 'content-type': 'application/json' });
          return;
        }
        sendJson(response, 200, {
          clusterStatus: { [context.host]: await hostStatus(context), ...statusOfOthers(context) },
        });
      },
    },
    {
      method: 'POST',
      path: '/ksql/terminate',
      produces: JSON_TYPES,
      async handle(request, response) {
        const patterns = parseClusterTerminate(await request.text());
        const { sequenceNumber, ended } = await readyEngine(context).terminateCluster(patterns);
        context.state = 'SHUTTING_DOWN';
        ended.catch((error: unknown) => context.log.error({ err: error }, 'the cluster could not be terminated'));
        sendJson(response, 200, [
          {
            '@type': 'currentStatus',
            statementText: 'TERMINATE CLUSTER;',
            commandId: 'terminate/CLUSTER/execute',
            commandStatus: { status: 'QUEUED', message: 'Statement written to command topic', queryId: null },
            commandSequenceNumber: sequenceNumber,
            warnings: [],
          },
        ]);
      },
    },
  ];
}

/** Those that are known to live: the leader to a standby, and standbys to the leader. What they run they tell themselves. */
function statusOfOthers({ engine }: ServerContext): Record<string, unknown> {
  const { role, leader, standbys } = engine?.leadership ?? { role: 'leader', standbys: [] };
  const others = role === 'leader' ? standbys : leader === undefined ? [] : [leader];
  return Object.fromEntries(
    others.map(({ url }) => [
      URL.parse(url)?.host ?? url,
      { hostAlive: true, lastStatusUpdateMs: Date.now(), activeStandbyPerQuery: {}, hostStoreLags: NO_LAGS },
    ]),
  );
}

const NO_LAGS = { stateStoreLags: {}, updateTimeMs: 0 };

async function hostStatus(context: ServerContext): Promise<Record<string, unknown>> {
  const topics = await context.broker.listTopics();
  const queries = [...(context.engine?.queries.values() ?? [])];
  const activeStandbyPerQuery = Object.fromEntries(
    queries
      .map((query) => ({
        query,
        stores: query.task?.tasks[0]?.stores ?? [],
      }))
      .filter(({ stores }) => stores.length > 0)
      .map(({ query, stores }) => [
        query.queryId,
        {
          activeStores: stores,
          activePartitions: [...new Set(query.task?.positions.map(({ topic }) => topic))].flatMap((topic) =>
            Array.from({ length: topics.get(topic)?.partitions ?? 0 }, (_, partition) => ({ topic, partition })),
          ),
          standByStores: [],
          standByPartitions: [],
        },
      ]),
  );
  return {
    hostAlive: true,
    lastStatusUpdateMs: Date.now(),
    activeStandbyPerQuery,
    hostStoreLags: NO_LAGS,
  };
}
