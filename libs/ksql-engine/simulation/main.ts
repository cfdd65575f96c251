import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { crashDifference } from './crashes.js';
import { differenceOf, drawRun, shrink, type Regression } from './run-scenario.js';
import { scenarios } from './scenarios.js';

/*
 * Random runs of one query against the naive model, and the same runs with crashes against themselves. A run that differs is shrunk and written to
 * regressions/, which a spec replays for ever.
 *
 *   npm run simulate -- [--seeds 2000] [--from 1] [--scenario TEXT]
 *
 * With --runtime whole servers are run over a cluster at its worst (runtime/main.ts), with --planted with bugs in them (planted/main.ts).
 */

const whole = ['runtime', 'planted'].find((what) => process.argv.includes(`--${what}`));
if (whole !== undefined) await import(whole === 'runtime' ? './runtime/main.js' : './runtime/planted/main.js');
else simulateQueries();

function simulateQueries(): void {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '2000' },
      from: { type: 'string', default: '1' },
      scenario: { type: 'string', default: '' },
      regressions: { type: 'string', default: 'libs/ksql-engine/simulation/regressions' },
    },
  });

  let failed = 0;
  let passed = 0;
  for (const scenario of scenarios.filter(({ name }) => name.includes(values.scenario))) {
    for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
      const { prepared, events } = drawRun(scenario, seed);
      const difference = differenceOf(prepared, events);
      const crash = difference === undefined ? crashDifference(prepared, events, seed) : undefined;
      if (difference === undefined && crash === undefined) {
        passed++;
        continue;
      }
      failed++;
      process.stdout.write(`FAILED  ${scenario.name}, seed ${seed}, ${difference ?? `crashes: ${crash}`}\n`);
      const kept = difference === undefined ? events : shrink(prepared, events);
      keep(values.regressions, { scenario: scenario.name, seed, events: kept });
      break;
    }
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

function keep(where: string, regression: Regression): void {
  const folder = resolve(where);
  mkdirSync(folder, { recursive: true });
  const file = join(
    folder,
    `${regression.scenario.replaceAll(' ', '-').replace(/[^\w-]/g, '')}-${regression.seed}.json`,
  );
  writeFileSync(file, `${JSON.stringify(regression, undefined, 2)}\n`);
  process.stdout.write(`        kept as ${file}\n`);
}
