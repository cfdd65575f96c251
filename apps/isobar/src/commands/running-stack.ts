import { lockFile, lockHolder, readState, stackHome, stateFile, type StackState } from '@isobar/local-stack';

/** What the running stack of this home says about itself; undefined when none runs. */
export function runningStack(): StackState | undefined {
  const home = stackHome();
  const holder = lockHolder(lockFile(home));
  if (holder === undefined) return undefined;
  const state = readState(stateFile(home));
  if (state?.supervisor.pid === holder.pid && state.supervisor.startTime === holder.startTime) return state;
  // It has only just begun; the file, if any, tells of the run before.
  return {
    v: 1,
    supervisor: holder,
    startedAt: new Date().toISOString(),
    state: 'starting',
    degraded: [],
    addresses: {},
    parts: {},
  };
}
