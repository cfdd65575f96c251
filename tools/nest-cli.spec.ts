import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, randomFreePorts, until } from '@isobar/local-stack/testing';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');

interface NestCli {
  readonly projects: Readonly<
    Record<string, { readonly root: string; readonly compilerOptions: { readonly tsConfigPath: string } }>
  >;
}
const { projects } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')) as NestCli;

/** A workspace of its own with one app, so that nothing of the repository is edited. */
function copyWorkspace(): string {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-nest-'));
  for (const file of ['nest-cli.json', 'tsconfig.json', 'package.json', 'config', 'apps/user-service'])
    cpSync(join(root, file), join(folder, file), {
      recursive: true,
      filter: (source) => !/\/(dist|node_modules)(\/|$)/.test(source.slice(root.length)),
    });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

describe('the Nest CLI', () => {
  let folder: string;
  let watching: ChildProcess | undefined;

  beforeAll(() => {
    folder = copyWorkspace();
  });
  afterAll(() => {
    if (watching?.pid !== undefined) process.kill(-watching.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('knows every app', () => {
    for (const [name, { root: home, compilerOptions }] of Object.entries(projects)) {
      expect(home).toBe(`apps/${name}`);
      expect(existsSync(join(root, compilerOptions.tsConfigPath))).toBe(true);
      expect(existsSync(join(root, home, 'src/main.ts'))).toBe(true);
    }
    expect(Object.keys(projects)).toHaveLength(6);
  });

  it('builds an app', () => {
    const { status, stderr } = spawnSync(process.execPath, [nest, 'build', 'user-service'], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    expect(existsSync(join(folder, 'dist/nest/apps/user-service/src/main.js'))).toBe(true);
  }, 120_000);

  it('starts an app, and what is edited is live', async () => {
    const [port = 0] = await randomFreePorts(1);
    watching = spawn(process.execPath, [nest, 'start', 'user-service', '--watch'], {
      cwd: folder,
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, PORT: String(port), DATABASE_URL: 'postgres://isobar:none@127.0.0.1:1/isobar' },
    });
    const description = async (): Promise<string> => {
      const response = await fetch(`http://127.0.0.1:${port}/api/docs-json`).catch(() => undefined);
      return response?.ok === true ? response.text() : '';
    };
    await eventually('the app answers', 120_000, async () =>
      expect((await description()).includes('The people, where they are')).toBe(true),
    );
    const edited = join(folder, 'apps/user-service/src/app.module.ts');
    const source = readFileSync(edited, 'utf8');
    expect(source).toContain('The people, where they are');
    const editedAtMs = performance.now();
    writeFileSync(edited, source.replace('The people, where they are', 'Edited just now'));
    await until('the edit is live', 60_000, async () => (await description()).includes('Edited just now'));
    // Some 2.5 s on a machine at rest; what is asserted leaves room for one that is not.
    expect(performance.now() - editedAtMs).toBeLessThan(30_000);
  }, 240_000);
});
