import type { RouteExceptions } from '@isobar/service-kit/plain';
import type { Statement } from '@isobar/ksql-engine';

/** What the routes do that their method does not say. */
export const routeAccess: RouteExceptions = {
  'GET /': 'health',
  'GET /info': 'health',
  'GET /healthcheck': 'health',
  'GET /healthz': 'health',
  'GET /readyz': 'health',
  'GET /chc/live': 'health',
  'GET /chc/ready': 'health',
  'POST /query': 'reads',
  'POST /query-stream': 'reads',
  'POST /close-query': 'reads',
  // Statements that change something are refused one by one.
  'POST /ksql': 'reads',
};

/** Statements that a server which only answers questions takes; `/ksql` sends the last two to `/query`. */
const READING: ReadonlySet<Statement['kind']> = new Set<Statement['kind']>([
  'show',
  'describeSource',
  'describeSources',
  'describeFunction',
  'describeConnector',
  'explain',
  'assertTopic',
  'assertSchema',
  'setProperty',
  'unsetProperty',
  'defineVariable',
  'undefineVariable',
  'query',
  'print',
]);

export const isReading = ({ kind }: Statement): boolean => READING.has(kind);
