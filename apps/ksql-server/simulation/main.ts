import { parseArgs } from 'node:util';
import { killLoop } from './kill-loop.js';

/*
 * Server processes on a real broker, killed at random points; see kill-loop.ts.
 *
 *   npm run simulate:kafka -- [--kills 50] [--freezes 5] [--broker-kills 3] [--seed 1]
 */

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    freezes: { type: 'string', default: '5' },
    'broker-kills': { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const { problems, ...proof } = await killLoop({
  seed: Number(values.seed),
  kills: Number(values.kills),
  freezes: Number(values.freezes),
  brokerKills: Number(values['broker-kills']),
  say,
});
say(JSON.stringify(proof));
for (const problem of problems) say(`FAILED  ${problem}`);
const hasTried = proof.abortedRecords > 0 && proof.claims > Number(values.kills) / 2;
if (!hasTried) say('FAILED  the run has aborted nothing, or fenced nobody: it proves nothing');
process.exitCode = problems.length === 0 && hasTried ? 0 : 1;
