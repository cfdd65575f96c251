import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from '../process/process-identity.js';
import type { StackState } from './state-file.js';

/** Parts that still run although their supervisor has ended. */
export function orphansOf(state: StackState): { name: string; identity: ProcessIdentity }[] {
  return Object.entries(state.parts).flatMap(([name, { process: identity }]) =>
    identity !== undefined && isRunning(identity) ? [{ name, identity }] : [],
  );
}

/**
 * Ends the parts that a killed supervisor left, each with its whole process group: politely, then by force.
 * @returns the names of the parts that were running
 */
export async function endOrphans(state: StackState, timeoutMs = 6000): Promise<string[]> {
  const orphans = orphansOf(state);
  // SIGINT is PostgreSQL's fast stop; the others take SIGTERM.
  for (const { name, identity } of orphans) send(identity.pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline && orphans.some(({ identity }) => isRunning(identity))) await sleep(50);
  for (const { identity } of orphans) if (isRunning(identity)) send(-identity.pid, 'SIGKILL');
  while (orphans.some(({ identity }) => isRunning(identity))) await sleep(20);
  return orphans.map(({ name }) => name);
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // It has ended in the meantime.
  }
}
