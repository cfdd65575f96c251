import { parseArgs } from 'node:util';
import { PLANTED_BUGS, SEEDS_MAX } from './bugs.js';
import { hunt } from './hunt.js';

/*
 * Plants one bug after another in the engine, each in a process of its own, and looks for the first run that shows it.
 *
 *   npm run simulate -- --planted [--bug TEXT] [--seeds 10000] [--jobs 2]
 */

const { values } = parseArgs({
  options: {
    planted: { type: 'boolean', default: true },
    bug: { type: 'string', default: '' },
    seeds: { type: 'string', default: String(SEEDS_MAX) },
    jobs: { type: 'string', default: '2' },
  },
});

const waiting = PLANTED_BUGS.filter(({ name }) => name.includes(values.bug));
const count = waiting.length;
let found = 0;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function work(): Promise<void> {
  for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
    const shown = await hunt(bug, Number(values.seeds)).catch((error: unknown) => String(error));
    if (typeof shown === 'object') found++;
    const where = typeof shown === 'object' ? `seed ${shown.seed}` : (shown ?? 'NOT FOUND');
    say(`| ${bug.name} | ${where} | ${typeof shown === 'object' ? shown.problem.slice(0, 120) : ''} |`);
  }
}

say('| bug | shows at | by |\n| --- | --- | --- |');
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
say(`${found} of ${count} were found`);
process.exitCode = found === count ? 0 : 1;
