import { stackHome, type StackState, type SystemEvent } from '@isobar/local-stack';
import { asTyped } from './hint.js';
import { bold, duration, green, red, yellow } from './style.js';

/**
 * What a user needs once everything runs: proof, addresses, where the data is, what next.
 * @param isHere whether the stack runs in this process, so that Ctrl-C stops it; else this one looks on and ends
 */
export function readyLines(event: SystemEvent, isHere: boolean): string[] {
  const proof =
    event.probeMs === undefined
      ? ''
      : ` A test reading went sensor → Kafka → ksqlDB → dashboard in ${duration(event.probeMs)}.`;
  return block(
    ` ${green('✔')} ${bold('Ready')} in ${duration(event.elapsedMs)}.${proof}`,
    event.addresses ?? {},
    (event.degraded ?? []).map((text) => ` ${yellow('▲')} Degraded: ${text}`),
    `   Next: npx isobar status · npx isobar logs · ${isHere ? 'Ctrl-C or npx isobar down stops' : 'npx isobar down stops it'}`,
  );
}

/** The same for a stack that runs already; nothing was started, and how it is now is said. */
export function alreadyRunningLines(state: StackState, nowMs = Date.now()): string[] {
  const since = `${state.startedAt.slice(0, 19).replace('T', ' ')} UTC (${duration(nowMs - Date.parse(state.startedAt))})`;
  const glyph = state.state === 'ready' ? green('✔') : state.state === 'degraded' ? yellow('▲') : red('■');
  return block(
    ` ${glyph} ${bold('Already running')} since ${since}, process ${state.supervisor.pid}: ${state.state}`,
    state.addresses,
    state.because.map((text) => ` ${yellow('▲')} Because: ${text}`),
    '   Nothing was started. Next: npx isobar status · npx isobar logs · npx isobar down stops it',
  );
}

function block(
  heading: string,
  addresses: Readonly<Record<string, string>>,
  notes: readonly string[],
  next: string,
): string[] {
  const shown: [string, string | undefined][] = [
    ['Dashboard', addresses['DASHBOARD_URL']],
    ['Users API', addresses['USER_SERVICE_URL'] && `${addresses['USER_SERVICE_URL']}/api/docs`],
    ['Admin API', addresses['STREAM_ADMIN_URL'] && `${addresses['STREAM_ADMIN_URL']}/api/docs`],
    ['ksqlDB', addresses['KSQLDB_URL']],
    ['Connect', addresses['CONNECT_URL']],
    ['Registry', addresses['SCHEMA_REGISTRY_URL']],
    ['Kafka', addresses['KAFKA_BROKERS']],
    ['PostgreSQL', addresses['DATABASE_URL']],
    ['Data', `${stackHome().data}, kept between runs; npx isobar reset erases it`],
  ];
  return [
    '',
    heading,
    '',
    ...shown.filter(([, value]) => value).map(([name, value]) => `   ${name.padEnd(12)} ${value}`),
    '',
    ...notes,
    next,
  ].map((line) => asTyped(line));
}
