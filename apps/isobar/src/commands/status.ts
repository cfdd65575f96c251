import { databaseUrl, loadSecrets, observeStack, stackHome, type StackState } from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { failureSentence } from '../render/failure.js';
import { asTyped } from '../render/hint.js';
import { statusLines } from '../render/status-lines.js';

/**
 * Prints how the stack of this home stands: a table, JSON, or variables that a shell can source. The exit code is 0 while it starts or
 * works, 1 when something it promises does not happen, 69 when nothing runs or nobody supervises what does.
 */
export function status({ output }: { output: string }): void {
  const seen = observeStack(stackHome());
  if (seen.kind === 'none') {
    if (output === 'json') console.log(JSON.stringify({ v: 1, state: 'stopped' }));
    else {
      const last = seen.last?.failure;
      console.error(asTyped('nothing runs here; start it with: npx isobar up'));
      if (last !== undefined) console.error(`the last start failed: ${failureSentence(last)}`);
    }
    process.exitCode = exitCodes.unreachable;
    return;
  }
  const { state } = seen;
  if (output === 'json') console.log(JSON.stringify(state, undefined, 2));
  else if (output === 'env' && seen.kind === 'running') console.log(environmentLines(state).join('\n'));
  else console.log(statusLines(state).join('\n'));
  if (seen.kind === 'abandoned') {
    console.error(asTyped('end what is left with npx isobar down, or start again with npx isobar up'));
    process.exitCode = exitCodes.unreachable;
  } else if (state.state === 'not ready' || state.state === 'failed') {
    process.exitCode = exitCodes.failed;
  }
}

/** The one place where the database's password is shown: to the user who asks for variables. */
function environmentLines({ addresses }: StackState): string[] {
  const address = addresses['DATABASE_URL'];
  const complete = { ...addresses };
  if (address !== undefined)
    complete['DATABASE_URL'] = databaseUrl(Number(new URL(address).port), loadSecrets(stackHome()));
  return Object.entries(complete).map(([name, value]) => `export ${name}='${value}'`);
}
