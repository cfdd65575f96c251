import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../machine.js';

export interface ColdStart {
  /** From `npm start` in a fresh clone to Ready, every download included. */
  readonly readyMs: number;
  /** What npm and Maven had in their caches afterwards, which were empty before. */
  readonly downloadedMb: number;
  readonly stopMs: number;
}

/** `npm start` in a clone of the last commit, with empty caches. Needs the registries of npm and Maven. */
export async function coldStart(): Promise<ColdStart> {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-bench-cold-'));
  chmodSync(folder, 0o755); // PostgreSQL runs as another user, who has to get in
  const [clone, npmCache, mavenCache] = [join(folder, 'clone'), join(folder, 'npm'), join(folder, 'maven')];
  mkdirSync(mavenCache);
  try {
    run('git', ['clone', '--quiet', repositoryRoot, clone]);
    const startedMs = performance.now();
    const child = spawn('npm', ['start', '--', '--offline', '--wait-timeout', '600'], {
      cwd: clone,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        npm_config_cache: npmCache,
        MAVEN_ARGS: `-Dmaven.repo.local=${mavenCache}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let output = '';
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (output.includes('Ready in')) resolve();
        });
    });
    const closed = once(child, 'close');
    await Promise.race([ready, closed]);
    if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}:\n${output.slice(-3_000)}`);
    const readyMs = performance.now() - startedMs;
    const stoppedMs = performance.now();
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
    await closed;
    const stopMs = performance.now() - stoppedMs;
    return { readyMs, downloadedMb: megabytesIn(npmCache, mavenCache), stopMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(file: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

const megabytesIn = (...folders: readonly string[]): number =>
  folders.reduce((sum, folder) => sum + Number(run('du', ['-sk', folder]).split('\t')[0]) / 1024, 0);
