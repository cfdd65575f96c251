import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '@isobar/local-stack/testing';

/** An npm that takes its time, says what npm says of an old Node unless it is asked for errors alone, fails, and goes on when it is interrupted. */
const slowNpm = `
  process.on('SIGINT', () => console.error('npm is asked to end'));
  if (!process.argv.includes('--loglevel=error')) console.error('npm warn EBADENGINE Unsupported engine');
  setTimeout(() => process.exit(1), 8000);
`;

describe('the set-up of a fresh clone', () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-setup-'));
    mkdirSync(join(folder, 'tools'));
    for (const file of ['setup.mjs', 'start.mjs'])
      cpSync(fileURLToPath(new URL(file, import.meta.url)), join(folder, 'tools', file));
    const packages = { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.0.0' } };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    writeFileSync(join(folder, 'npm-cli.js'), slowNpm);
  });
  afterEach(() => {
    child?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  function start(): { readonly said: () => string; readonly ended: Promise<number | null> } {
    let said = '';
    const started = spawn(process.execPath, [join(folder, 'tools', 'start.mjs')], {
      env: { ...process.env, NODE_OPTIONS: '', npm_execpath: join(folder, 'npm-cli.js') },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    started.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    return { said: () => said, ended: new Promise((resolve) => started.on('exit', resolve)) };
  }

  it('is interrupted as such, not failed: it ends with npm, and at once when it is told again', async () => {
    const { said, ended } = start();
    await until('the progress', 30_000, () => said().includes('installing npm packages: 0 of 2 are there'));
    const interruptedAtMs = performance.now();
    child?.kill('SIGINT');
    await until('the word', 30_000, () => said().includes('stopping') && said().includes('npm is asked to end'));
    await until('another key press', 30_000, () => performance.now() - interruptedAtMs > 1000);
    child?.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(said()).not.toContain('failed');
  }, 60_000);

  it('says within seconds what it does and how far it is, passes on no warning, and names a failure', async () => {
    const startedMs = performance.now();
    const { said } = start();
    let firstWordMs = Infinity;
    child?.stderr?.once('data', () => (firstWordMs = performance.now() - startedMs));
    await until('the progress', 30_000, () => said().includes('installing npm packages: 0 of 2 are there'));
    mkdirSync(join(folder, 'node_modules', 'a'), { recursive: true });
    writeFileSync(join(folder, 'node_modules', 'a', 'package.json'), '{}');
    await until('more progress', 30_000, () => said().includes('installing npm packages: 1 of 2 are there'));
    await until('the failure', 30_000, () => said().includes('npm ci did not succeed'));
    expect(firstWordMs).toBeLessThan(3000);
    expect(said()).toContain('installing 2 npm packages');
    expect(said()).not.toContain('EBADENGINE');
  }, 60_000);
});
