import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { PLANTED_BUGS } from './planted/bugs.js';
import { hunt } from './planted/hunt.js';
import { playRun } from './play.js';
import { drawPlan, type RunPlan } from './run-plan.js';
import { Sightings, type Sighting } from './sightings.js';

/** RUNTIME_SEEDS sets how many runs there are here; `npm run simulate -- --runtime` does as many as it is told. */
const SEEDS = Number(process.env['RUNTIME_SEEDS'] ?? 40);
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const source = (file: string): string => readFileSync(join(root, 'libs/ksql-engine/src', file), 'utf8');

describe('whole servers over a cluster at its worst', () => {
  it('write what follows from their input by definition, whatever happens to them', async () => {
    const seen = new Sightings();
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { problems, sightings } = await playRun(drawPlan(seed));
      expect({ seed, problems }).toEqual({ seed, problems: [] });
      seen.join(sightings);
    }
    // What any dozen runs have.
    const usual: readonly Sighting[] = [
      'transactionAborted',
      'writerFenced',
      'stateRestored',
      'takenOver',
      'clientStopped',
    ];
    if (SEEDS >= 40) expect(usual.filter((sighting) => seen.count(sighting) === 0)).toEqual([]);
  }, 120_000);

  it('do the same to the byte when a seed is played again', async () => {
    for (const seed of [3, 12, 29])
      expect((await playRun(drawPlan(seed))).trace).toBe((await playRun(drawPlan(seed))).trace);
  }, 60_000);

  const regressions = join(root, 'libs/ksql-engine/simulation/regressions/runtime');
  it.each(readdirSync(regressions))('are right where they once were not: %s', async (file) => {
    const plan = JSON.parse(readFileSync(join(regressions, file), 'utf8')) as RunPlan;
    expect((await playRun(plan)).problems).toEqual([]);
  });
});

describe('a bug that is planted', () => {
  it.each(PLANTED_BUGS)('changes one place of the source: $name', ({ file, find, put }) => {
    expect(source(file).split(find)).toHaveLength(2);
    expect(put).not.toBe(find);
  });

  it('has a name of its own', () => {
    expect(PLANTED_BUGS.length).toBeGreaterThanOrEqual(25);
    expect(new Set(PLANTED_BUGS.map(({ name }) => name)).size).toBe(PLANTED_BUGS.length);
  });

  /** Those that show in the first runs; `npm run simulate -- --planted` hunts all. */
  const SHOWN_EARLY = [
    'commit: the changes of the last task are left out',
    'restore: stream time begins anew',
    'fold: a query that was told to go on is paused after a restart',
    'scan: what waits is dropped when more comes',
  ];
  beforeAll(() => {
    expect(spawnSync(process.execPath, [join(root, 'tools/build.mjs')]).status).toBe(0);
  }, 60_000);

  it.each(SHOWN_EARLY)(
    'is found: %s',
    async (name) => {
      const bug = PLANTED_BUGS.find((each) => each.name === name);
      expect(bug && (await hunt(bug, 40, root))).toMatchObject({ seed: expect.any(Number) });
    },
    60_000,
  );
});
