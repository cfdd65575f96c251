import { ApiError, BAD_REQUEST, COMMAND_NOT_FOUND, sendEmpty, sendJson } from '../http/responses.js';
import type { Route } from '../http/router.js';
import { SERVER_VERSION, type ServerContext } from '../server-context.js';
import { readyEngine } from './ready-engine.js';
import { deniedMessage, isDenied } from '../properties/property-rules.js';
import { queryFigures } from '../entities/query-figures.js';
import { metricsText } from './metrics-text.js';

const JSON_TYPES = ['application/vnd.ksql.v1+json', 'application/json'];

/** The GET end points: who this server is and what it has done. */
export function infoRoutes(context: ServerContext): readonly Route[] {
  const get = (path: string, body: (rest: string) => unknown): Route => ({
    method: 'GET',
    path,
    produces: JSON_TYPES,
    handle: (request, response) => sendJson(response, 200, body(request.rest)),
  });
  const clusterId = () => ({
    scope: { path: [], clusters: { 'kafka-cluster': context.clusterId, 'ksql-cluster': context.serviceId } },
    id: '',
  });
  return [
    {
      method: 'GET',
      path: '/',
      produces: [],
      handle: (_request, response) => sendEmpty(response, 307, { location: '/info' }),
    },
    get('/info', () => ({
      KsqlServerInfo: {
        version: SERVER_VERSION,
        kafkaClusterId: context.clusterId,
        ksqlServiceId: context.serviceId,
        serverStatus: context.state === 'READY' ? 'RUNNING' : context.state,
      },
    })),
    get('/v1/metadata', () => ({ version: SERVER_VERSION, clusterId: clusterId() })),
    get('/v1/metadata/id', clusterId),
    {
      method: 'GET',
      path: '/metrics',
      produces: ['text/plain'],
      handle: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
        response.end(metricsText(context));
      },
    },
    get('/query-metrics', () => {
      return { queries: [...readyEngine(context).queries.values()].map(queryFigures) };
    }),
    get('/status', () => {
      readyEngine(context);
      return {
        commandStatuses: Object.fromEntries([...context.commandStatuses].map(([id, status]) => [id, status.status])),
      };
    }),
    get('/status/*', (id) => {
      const [type, entity, action] = id.split('/');
      const status = context.commandStatuses.get(id) ?? context.commandStatuses.get(`${type}/\`${entity}\`/${action}`);
      if (!status) throw new ApiError(COMMAND_NOT_FOUND, 'Command not found');
      return { ...status };
    }),
    get('/is_valid_property/*', (name) => {
      if (!isDenied(name)) return true;
      throw new ApiError(BAD_REQUEST, deniedMessage([name]));
    }),
    {
      method: 'GET',
      path: '/ws/query',
      produces: [],
      handle: (_request, response) => {
        const text = '"Connection" header must be "Upgrade".';
        response.writeHead(400, { 'content-length': text.length });
        response.end(text);
      },
    },
  ];
}
