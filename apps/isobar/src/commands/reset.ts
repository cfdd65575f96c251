import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { isOwnHome, observeStack, postgresDataFolder, stackHome, StackError } from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { asTyped } from '../render/hint.js';

interface ResetOptions {
  readonly yes?: boolean;
  readonly all?: boolean;
}

/**
 * Erases everything that a stack wrote into its home: data, logs, state, passwords, settings, the console's history. What was fetched or
 * made for the next start stays unless it is asked for: it is the same for every home of the checkout.
 */
export async function reset({ yes, all }: ResetOptions): Promise<void> {
  const home = stackHome();
  if (existsSync(home.root) && !isOwnHome(home))
    throw new StackError(`${home.root} is not marked as a home that a stack made for itself; nothing was erased`, {
      fix: `give the right one with --home; if it is this one, erase by hand what is the stack's of data, logs, run, config and secrets there`,
    });
  const seen = observeStack(home);
  if (
    seen.kind === 'running' ||
    (seen.kind === 'abandoned' && Object.values(seen.state.parts).some(({ process }) => process !== undefined))
  )
    throw new StackError('the stack runs; its data cannot be erased', { fix: 'stop it first: npx isobar down' });
  if (yes !== true && !(await confirmed(home.root))) {
    process.exitCode = exitCodes.blocked;
    return;
  }
  const shared = [home.cache, home.jvm, home.registry, home.java];
  const erased = [
    postgresDataFolder(home),
    ...[
      home.data,
      home.logs,
      home.run,
      home.config,
      home.secrets,
      home.optionalParts,
      home.typicalDurations,
      home.sqlHistory,
      home.marker,
    ],
    ...(all === true ? shared : []),
  ];
  const bytes = erased.reduce((sum, path) => sum + bytesIn(path), 0);
  for (const path of erased) rmSync(path, { recursive: true, force: true });
  console.log(`erased data, logs, settings and passwords in ${home.root} (${megabytes(bytes)})`);
  const kept = shared.map((path) => ({ path, bytes: bytesIn(path) })).filter((each) => each.bytes > 0);
  for (const { path, bytes: size } of kept)
    console.log(`kept ${path} (${megabytes(size)}): made or fetched for every start in this checkout`);
  if (kept.length > 0)
    console.log(asTyped('npx isobar reset --yes --all erases that too; the next start then takes longer'));
}

function bytesIn(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

async function confirmed(root: string): Promise<boolean> {
  if (process.stdin.isTTY !== true) {
    console.error(asTyped('this erases data; say so with: npx isobar reset --yes'));
    return false;
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`Erase everything that the stack wrote in ${root}? Type yes: `);
  prompt.close();
  return answer.trim() === 'yes';
}
