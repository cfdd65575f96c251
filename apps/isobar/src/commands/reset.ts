import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { orphansOf, postgresDataFolder, readState, stackHome, StackError, stateFile } from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { runningStack } from './running-stack.js';

/** Erases what a stack wrote; what was fetched and built stays. */
export async function reset({ yes }: { yes?: boolean }): Promise<void> {
  const home = stackHome();
  const state = readState(stateFile(home));
  if (runningStack() !== undefined || (state !== undefined && orphansOf(state).length > 0))
    throw new StackError('the stack runs; its data cannot be erased', { fix: 'stop it first: isobar down' });
  if (yes !== true && !(await confirmed(home.data))) {
    process.exitCode = exitCodes.blocked;
    return;
  }
  const folders = [postgresDataFolder(home), home.data, home.logs, home.run, home.config, home.secrets];
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  console.log(`erased data, logs and passwords in ${home.root}`);
}

async function confirmed(data: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    console.error('this erases data; say so with: isobar reset --yes');
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Erase everything in ${data}? Type yes: `);
  prompt.close();
  return answer.trim() === 'yes';
}
