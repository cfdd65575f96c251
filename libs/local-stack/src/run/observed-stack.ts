import type { StackHome } from '../home.js';
import { isRunning } from '../process/process-identity.js';
import { lockFile, lockHolder } from './lock.js';
import { orphansOf } from './orphans.js';
import { stateFile } from './run-record.js';
import { readState, type StackState } from './state-file.js';

/** A supervisor says that it lives every five seconds; one that is silent for this long says nothing about the present. */
const silentAfterMs = 20_000;

/** How a home's stack looks to another process. */
export type ObservedStack =
  /** Nothing runs; `last` is the state that the last run ended with. */
  | { readonly kind: 'none'; readonly last?: StackState }
  /** Its supervisor ended without a word (killed, or out of memory), whatever its state file says. */
  | { readonly kind: 'abandoned'; readonly state: StackState }
  | { readonly kind: 'running'; readonly state: StackState };

/** Looks at a home's lock and state file, and believes no file whose writer is gone or silent. */
export function observeStack(home: StackHome, nowMs = Date.now()): ObservedStack {
  const holder = lockHolder(lockFile(home));
  const state = readState(stateFile(home));
  if (holder === undefined) {
    if (state === undefined) return { kind: 'none' };
    const isOver = state.state === 'stopped' || state.state === 'failed';
    if (isOver && orphansOf(state).length === 0) return { kind: 'none', last: state };
    return { kind: 'abandoned', state: abandoned(state) };
  }
  if (state?.supervisor.pid === holder.pid && state.supervisor.startTime === holder.startTime)
    return { kind: 'running', state: doubted(state, nowMs) };
  // It has only just begun; the file, if any, tells of the run before.
  const now = new Date(nowMs).toISOString();
  return {
    kind: 'running',
    state: {
      v: 1,
      supervisor: holder,
      startedAt: now,
      asOf: now,
      state: 'starting',
      because: [],
      degraded: [],
      addresses: {},
      parts: {},
    },
  };
}

function abandoned(state: StackState): StackState {
  const left = orphansOf(state).map(({ name, identity }) => `${name} (process ${identity.pid})`);
  const parts = Object.entries(state.parts).map(([name, part]) => {
    if (part.process !== undefined && isRunning(part.process)) return [name, part] as const;
    const { process: _gone, ...rest } = part;
    return [name, part.state === 'done' ? part : { ...rest, state: 'stopped' as const, detail: '' }] as const;
  });
  return {
    ...state,
    state: 'not ready',
    because: [
      `the supervisor (process ${state.supervisor.pid}) ended without a word after ${state.asOf}: it was killed, or the machine ran out of memory or was switched off`,
      left.length === 0 ? 'nothing of it runs any more' : `still running, and restarted by nobody: ${left.join(', ')}`,
    ],
    parts: Object.fromEntries(parts),
  };
}

function doubted(state: StackState, nowMs: number): StackState {
  const silentMs = nowMs - Date.parse(state.asOf);
  if (!(silentMs > silentAfterMs)) return state;
  return {
    ...state,
    state: 'not ready',
    because: [
      `the supervisor (process ${state.supervisor.pid}) has said nothing for ${(silentMs / 1000).toFixed(0)} s; what follows was so at ${state.asOf}`,
      ...state.because,
    ],
  };
}
