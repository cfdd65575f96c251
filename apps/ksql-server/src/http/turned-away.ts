import { TurnedAway } from '@isobar/service-kit/plain';
import type { Logger } from 'pino';
import type { ServerLimits } from '../limits.js';

const reasons = ['slow reader', 'too many connections', 'too many push queries', 'too many scans'] as const;

/** The clients of this server that it cut or refused. */
export type ClientsTurnedAway = TurnedAway<(typeof reasons)[number]>;

export const clientsTurnedAway = (log: Logger, limits: ServerLimits): ClientsTurnedAway =>
  new TurnedAway(log, {
    'too many connections': `HTTP_CONNECTIONS_MAX is ${limits.connections}`,
    'too many push queries': `KSQL_PUSH_QUERIES_MAX is ${limits.pushQueries}`,
    'too many scans': `KSQL_SCANS_MAX is ${limits.scans}`,
  });

/** Prometheus text, with the name that the services on Nest have for it. */
export function turnedAwayText(turnedAway: ClientsTurnedAway): string[] {
  const name = 'isobar_http_turned_away_total';
  const counts = turnedAway.count();
  return [
    `# HELP ${name} Clients that were cut or refused`,
    `# TYPE ${name} counter`,
    ...reasons.map((reason) => `${name}{reason="${reason}"} ${counts.get(reason) ?? 0}`),
  ];
}
