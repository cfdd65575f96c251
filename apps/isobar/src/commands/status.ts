import { databaseUrl, loadSecrets, stackHome, type StackState } from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { duration } from '../render/style.js';
import { runningStack } from './running-stack.js';

/** Prints how the stack of this home stands: a table, JSON, or variables that a shell can source. */
export function status({ output }: { output: string }): void {
  const state = runningStack();
  if (state === undefined) {
    if (output === 'json') console.log(JSON.stringify({ v: 1, state: 'stopped' }));
    else console.error('nothing runs here; start it with: isobar up');
    process.exitCode = exitCodes.unreachable;
    return;
  }
  if (output === 'json') console.log(JSON.stringify(state, undefined, 2));
  else if (output === 'env') console.log(environmentLines(state).join('\n'));
  else console.log(table(state).join('\n'));
}

/** The one place where the database's password is shown: to the user who asks for variables. */
function environmentLines({ addresses }: StackState): string[] {
  const address = addresses['DATABASE_URL'];
  const complete = { ...addresses };
  if (address !== undefined)
    complete['DATABASE_URL'] = databaseUrl(Number(new URL(address).port), loadSecrets(stackHome()));
  return Object.entries(complete).map(([name, value]) => `export ${name}='${value}'`);
}

function table(state: StackState): string[] {
  const since = (text: string): string => duration(Date.now() - Date.parse(text));
  const probe = state.probeMs === undefined ? '' : ` · first record in ${duration(state.probeMs)}`;
  const ready = state.readyMs === undefined ? '' : ` · ready in ${duration(state.readyMs)}`;
  const header = `${state.state} · process ${state.supervisor.pid} · up ${since(state.startedAt)}${ready}${probe}`;
  const rows = Object.entries(state.parts).map(([name, part]) => {
    const restarts = part.restarts === 0 ? '' : `restarts: ${part.restarts} (${part.restartedBecause})  `;
    const waits = part.waitingOn.length === 0 ? '' : `for ${part.waitingOn.join(', ')}`;
    return `  ${name.padEnd(15)} ${part.state.padEnd(11)} ${(part.address ?? '').padEnd(24)} ${restarts}${part.detail}${waits}`;
  });
  return [header, ...rows, ...state.degraded.map((text) => `  degraded: ${text}`)];
}
