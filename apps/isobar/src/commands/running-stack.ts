import { lockFile, lockHolder, readState, stackHome, stateFile, type StackState } from '@isobar/local-stack';

/** What the running stack of this home says about itself; undefined when none runs. */
export function runningStack(): StackState | undefined {
  const home = stackHome();
  const holder = lockHolder(lockFile(home));
  const state = readState(stateFile(home));
  return holder !== undefined && state?.supervisor.pid === holder.pid ? state : undefined;
}
