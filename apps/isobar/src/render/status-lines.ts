import { isSaidByOthers, type PartState, type StackState } from '@isobar/local-stack';
import { duration } from './style.js';

/** The word and its reasons first, then who supervises, then each part. */
export function statusLines(state: StackState, nowMs = Date.now()): string[] {
  const [first, ...others] = state.because;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return [
    first === undefined ? state.state : `${state.state}: ${first}${more}`,
    ...others.map((reason) => `  because: ${reason}`),
    `  ${supervision(state, nowMs)}`,
    ...Object.entries(state.parts).map(([name, part]) => partLine(name, part, state.because)),
    ...state.degraded.filter((text) => !state.because.includes(text)).map((text) => `  note: ${text}`),
  ];
}

function supervision(state: StackState, nowMs: number): string {
  const up = duration(nowMs - Date.parse(state.startedAt));
  const started = state.readyMs === undefined ? '' : ` · started in ${duration(state.readyMs)}`;
  const probe = state.probeMs === undefined ? '' : ` · first record in ${duration(state.probeMs)}`;
  return `process ${state.supervisor.pid} · up ${up}${started}${probe}`;
}

/** What was said above as a reason is not said again. */
const above = '(its reason is above)';
/** Shorter ones are no burden where they stand. */
const longReason = 40;

function partLine(name: string, part: PartState, because: readonly string[]): string {
  const isSaid =
    isSaidByOthers(part.detail, because) ||
    (part.detail.length > longReason && because.some((reason) => reason.includes(part.detail)));
  const restarts = part.restarts === 0 ? '' : `restarts: ${part.restarts} (${part.restartedBecause})  `;
  const waits = part.waitingOn.length === 0 ? '' : `for ${part.waitingOn.join(', ')}`;
  return `  ${name.padEnd(15)} ${part.state.padEnd(11)} ${(part.address ?? '').padEnd(24)} ${restarts}${isSaid ? above : part.detail}${waits}`;
}
