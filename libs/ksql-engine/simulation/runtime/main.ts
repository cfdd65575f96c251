import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { playRun } from './play.js';
import { drawPlan, type RunPlan } from './run-plan.js';
import { shrinkPlan } from './shrink-plan.js';
import { SIGHTINGS, Sightings } from './sightings.js';

/*
 * Whole servers over a cluster in memory, at its worst; what they write must follow from what they read by definition. A run that goes wrong
 * is kept in regressions/runtime/, as small as it could be made. Where something of what these runs are for was never seen, they fail, too.
 *
 *   npm run simulate -- --runtime [--seeds 1000] [--from 1] [--twice]
 */

const { values } = parseArgs({
  options: {
    runtime: { type: 'boolean', default: true },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    /** Each run a second time: it must leave the same to the byte. */
    twice: { type: 'boolean', default: false },
    /** Ends at the first run that goes wrong, and keeps nothing of it. */
    hunt: { type: 'boolean', default: false },
    regressions: { type: 'string', default: 'libs/ksql-engine/simulation/regressions/runtime' },
  },
});

/** Fewer may well miss what is rare. */
const SEEDS_FOR_SIGHTINGS = 1_000;
const SHRINK_TRIES = 300;
const TOLD_EVERY = 1_000;

const first = Number(values.from);
const end = first + Number(values.seeds);
const sightings = new Sightings();
let failed = 0;
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const isWrong = async (plan: RunPlan): Promise<boolean> => (await playRun(plan)).problems.length > 0;

for (let seed = first; seed < end; seed++) {
  const plan = drawPlan(seed);
  const outcome = await playRun(plan);
  sightings.join(outcome.sightings);
  const problems = [...outcome.problems];
  if (values.twice && (await playRun(plan)).trace !== outcome.trace) problems.push('a second run left something else');
  if ((seed - first + 1) % TOLD_EVERY === 0) say(`${seed - first + 1} runs, ${failed} went wrong`);
  if (problems.length === 0) continue;
  failed++;
  say(`FAILED  seed ${seed}: ${plan.queries.join(', ')}\n        ${problems.slice(0, 5).join('\n        ')}`);
  if (values.hunt) break;
  keep(seed, await shrinkPlan(plan, isWrong, SHRINK_TRIES));
}
if (!values.hunt) {
  say(SIGHTINGS.map((sighting) => `${String(sightings.count(sighting)).padStart(8)}  ${sighting}`).join('\n'));
  const { missing } = sightings;
  say(`${end - first - failed} runs passed, ${failed} failed; never seen: ${missing.join(', ') || 'nothing'}`);
  if (end - first >= SEEDS_FOR_SIGHTINGS && missing.length > 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;

function keep(seed: number, plan: RunPlan): void {
  const folder = resolve(values.regressions);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `seed-${seed}.json`);
  writeFileSync(file, `${JSON.stringify(plan, undefined, 2)}\n`);
  say(`        kept as ${file}`);
}
