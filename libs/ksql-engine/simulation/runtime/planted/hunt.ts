import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './bugs.js';

const root = fileURLToPath(new URL('../../../../../../', import.meta.url));

/** At which seed a bug shows, and what; undefined when it does not. @throws when it cannot be planted */
export function hunt(
  { file, find, put }: PlantedBug,
  seeds: number,
  home = root,
): Promise<{ readonly seed: number; readonly problem: string } | undefined> {
  const program = `${home}libs/ksql-engine/dist/simulation/runtime/main.js`;
  const child = spawn(
    process.execPath,
    ['--import', `${home}tools/planted-bug.mjs`, program, '--hunt', '--seeds', String(seeds)],
    { env: { ...process.env, PLANTED_BUG: JSON.stringify({ file, find, put }) }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [said, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      const [, seed, problem = ''] = /^FAILED {2}seed (\d+): .*\n +(.*)/m.exec(said) ?? [];
      if (seed !== undefined) resolve({ seed: Number(seed), problem });
      else if (code === 0) resolve(undefined);
      else reject(new Error(`the hunt ended with ${code}:\n${errors}`));
    });
  });
}
