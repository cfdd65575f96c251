import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository: bench runs compiled in dist/bench. */
export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url));

/** What a figure depends on besides the code. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the last minute, when the run began: other work on the machine. */
  readonly load1: number;
}

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    kernel: `${process.platform} ${release()}`,
    node: process.version,
    load1: loadavg()[0] ?? 0,
  };
}

/** Writes a result to `file`, or to bench/results/NAME.json. Gives the path. */
export async function writeResult(name: string, file: string | undefined, result: object): Promise<string> {
  const path = file ?? join(repositoryRoot, 'bench', 'results', `${name}.json`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}
