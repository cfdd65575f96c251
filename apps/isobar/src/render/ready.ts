import type { SystemEvent } from '@isobar/local-stack';
import { stackHome } from '@isobar/local-stack';
import { bold, duration, green, yellow } from './style.js';

/** What a user needs once everything runs: proof, addresses, where the data is, what next. */
export function readyLines(event: SystemEvent): string[] {
  const addresses = event.addresses ?? {};
  const shown: [string, string | undefined][] = [
    ['Dashboard', addresses['DASHBOARD_URL']],
    ['Users API', addresses['USER_SERVICE_URL'] && `${addresses['USER_SERVICE_URL']}/api/docs`],
    ['Admin API', addresses['STREAM_ADMIN_URL'] && `${addresses['STREAM_ADMIN_URL']}/api/docs`],
    ['ksqlDB', addresses['KSQLDB_URL']],
    ['Connect', addresses['CONNECT_URL']],
    ['Kafka', addresses['KAFKA_BROKERS']],
    ['PostgreSQL', addresses['DATABASE_URL']],
    ['Data', `${stackHome().data}, kept between runs; isobar reset erases it`],
  ];
  const proof =
    event.probeMs === undefined
      ? ''
      : ` A test reading went sensor → Kafka → ksqlDB → dashboard in ${duration(event.probeMs)}.`;
  return [
    '',
    ` ${green('✔')} ${bold('Ready')} in ${duration(event.elapsedMs)}.${proof}`,
    '',
    ...shown.filter(([, value]) => value).map(([name, value]) => `   ${name.padEnd(12)} ${value}`),
    '',
    ...(event.degraded ?? []).map((text) => ` ${yellow('▲')} Degraded: ${text}`),
    '   Next: isobar status · isobar logs · Ctrl-C or isobar down stops',
  ];
}
