import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackState } from '@isobar/local-stack';
import { until } from '@isobar/local-stack/testing';
import { freePortOptions, isobar, newHome } from './isobar-process.js';

const folder = newHome();
const home = join(folder, 'home');
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=350m,mode=755', 'tmpfs', folder]).status === 0;
if (!mounted)
  process.stderr.write('SKIPPED: a full disk needs a small file system of its own, which only root may mount\n');

const status = async (): Promise<StackState> =>
  JSON.parse((await isobar(home, ['status', '-o', 'json'])).stdout) as StackState;

/** Takes all the room that is left. */
function fillUp(): void {
  mkdirSync(folder, { recursive: true });
  spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=1M']);
  expect(() => writeFileSync(join(folder, 'more'), 'x'.repeat(1_000_000))).toThrow();
}

describe('a stack on a full disk', () => {
  beforeAll(() => {
    spawnSync(process.execPath, ['tools/build.mjs']);
  });
  afterAll(async () => {
    await isobar(home, ['down']);
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  (mounted ? it : it.skip)(
    'lives on, says why it is not ready, and goes on when there is room',
    async () => {
      const ports = await freePortOptions('postgres', 'kafka', 'kafka-controller');
      const only = ['--only', 'postgres,kafka,topics'];
      const up = await isobar(home, ['up', '--detach', ...only, ...ports], { ISOBAR_DISK_NEEDED_MB: '100' });
      expect(up).toMatchObject({ code: 0 });
      const { supervisor } = await status();
      fillUp();
      // The broker ends at the latest when it writes; an idle one is ended here, as one whose log folder failed ends.
      const { kafka } = (await status()).parts;
      if (kafka?.process !== undefined) process.kill(kafka.process.pid, 'SIGKILL');
      await until('the full disk to be told', 60_000, async () => {
        const { state, because, parts } = await status();
        return (
          state === 'not ready' &&
          because[0]?.startsWith('no space left in ') === true &&
          parts['kafka']?.detail.startsWith('waits: no space left') === true
        );
      });
      expect((await status()).supervisor).toEqual(supervisor);
      rmSync(join(folder, 'filler'));
      rmSync(join(folder, 'more'), { force: true });
      await until('the stack to go on', 90_000, async () => (await status()).state === 'ready');
      expect((await status()).supervisor).toEqual(supervisor);
    },
    240_000,
  );
});
