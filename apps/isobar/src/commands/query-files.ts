import { StackError } from '@isobar/local-stack';
import { existsSync } from 'node:fs';
import { declaredTopics } from '@isobar/contracts';
import { findingText, lintPipeline } from '@isobar/pipeline';
import { exitCodes } from '../exit-codes.js';
import { print } from './rest-options.js';

interface LintCommandOptions {
  readonly output: string;
  readonly dir: string;
  readonly env?: string;
}

/** Checks the files without a server. Exit code 1 when something is found. */
export async function lintQueries({ dir, env, output }: LintCommandOptions): Promise<void> {
  requireFolder(dir);
  const { objects, findings } = await lintPipeline(dir, {
    environment: env,
    topics: declaredTopics.map(({ name }) => name),
  });
  print({ output }, { objects: objects.length, findings }, () =>
    [
      ...findings.map(findingText),
      `${objects.length} objects, ${findings.length === 0 ? 'nothing to mend' : `${findings.length} to mend`}`,
    ].join('\n'),
  );
  if (findings.length > 0) process.exitCode = exitCodes.failed;
}

function requireFolder(dir: string): void {
  if (existsSync(dir)) return;
  throw new StackError(`there is no folder ${dir}`, { fix: 'Name the folder of the SQL files with --dir' });
}
