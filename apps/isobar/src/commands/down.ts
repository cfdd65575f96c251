import { setTimeout as sleep } from 'node:timers/promises';
import { endOrphans, isRunning, lockFile, lockHolder, readState, stackHome, stateFile } from '@isobar/local-stack';
import { stoppedLine } from '../render/stopped-line.js';

/** The supervisor stops everything within 15 s; after this long it is no longer asked. */
const patienceMs = 20_000;

/** Stops the running stack of this home, and whatever a killed one left behind. */
export async function down(): Promise<void> {
  const home = stackHome();
  const startedAtMs = Date.now();
  const holder = lockHolder(lockFile(home));
  if (holder !== undefined) {
    process.kill(holder.pid, 'SIGTERM');
    while (isRunning(holder) && Date.now() - startedAtMs < patienceMs) await sleep(50);
    if (isRunning(holder)) process.kill(holder.pid, 'SIGKILL');
  }
  const state = readState(stateFile(home));
  const left = state === undefined ? [] : await endOrphans(state);
  if (holder === undefined && left.length === 0)
    console.log(`nothing runs here; data, if any, is kept in ${home.data}`);
  else console.log(stoppedLine(Date.now() - startedAtMs));
}
