import { StackError } from '@isobar/local-stack';
import { existsSync } from 'node:fs';
import { declaredTopics } from '@isobar/contracts';
import { findingText, lintPipeline, runTests } from '@isobar/pipeline';
import { exitCodes } from '../exit-codes.js';
import { print } from './rest-options.js';

interface FileOptions {
  readonly output: string;
  readonly dir: string;
  readonly env?: string;
}

/** Checks the files without a server. Exit code 1 when something is found. */
export async function lintQueries({ dir, env, output }: FileOptions): Promise<void> {
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

/** Runs the tests beside the files, without a server. Exit code 1 when one fails, 4 when there is none to run. */
export async function testQueries(name: string | undefined, { dir, env, output }: FileOptions): Promise<void> {
  requireFolder(dir);
  const outcomes = await runTests(dir, name, { environment: env });
  const failed = outcomes.filter(({ failures }) => failures.length > 0);
  print({ output }, outcomes, () =>
    [
      ...outcomes.flatMap(({ file, object, ms, failures }) => [
        `${failures.length === 0 ? 'passed' : 'FAILED'}  ${object}  ${ms} ms`,
        ...failures.map(({ line, column, message }) => `    ${file}:${line}:${column}: ${message}`),
      ]),
      `${outcomes.length} ${outcomes.length === 1 ? 'test' : 'tests'}, ${failed.length} failed`,
    ].join('\n'),
  );
  if (failed.length > 0) process.exitCode = exitCodes.failed;
  else if (outcomes.length === 0) process.exitCode = exitCodes.blocked;
}

function requireFolder(dir: string): void {
  if (existsSync(dir)) return;
  throw new StackError(`there is no folder ${dir}`, { fix: 'Name the folder of the SQL files with --dir' });
}
