import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

interface Measured {
  readonly liveMs: number;
  readonly startMs: number;
}
const { apps, copyWorkspace, measure, nest } = (await import(new URL('nest-watch.mjs', import.meta.url).href)) as {
  apps: readonly string[];
  copyWorkspace: () => string;
  measure: (folder: string, app: string, isEnough: (measured: Measured) => boolean) => Promise<Measured>;
  nest: string;
};

const root = join(import.meta.dirname, '..');

interface NestCli {
  readonly projects: Readonly<
    Record<string, { readonly root: string; readonly compilerOptions: { readonly tsConfigPath: string } }>
  >;
}
const { projects } = JSON.parse(readFileSync(join(root, 'nest-cli.json'), 'utf8')) as NestCli;

/** Where a start takes a second, an edit is live within three: it is compiled, the old process ends, the new one starts. */
const liveMsMax = 3_000;
/** So many starts, where a start itself takes longer than that second. */
const startsMax = 3;
const isLive = ({ liveMs, startMs }: Measured): boolean => liveMs < Math.max(liveMsMax, startsMax * startMs);

describe('the Nest CLI', () => {
  let folder: string;
  beforeAll(() => {
    folder = copyWorkspace();
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

  it.each(apps)(
    'starts %s, and what is edited is live at once',
    async (app) => {
      const measured = await measure(folder, app, isLive);
      expect({ ...measured, isLive: isLive(measured) }).toEqual({ ...measured, isLive: true });
    },
    600_000,
  );
});
