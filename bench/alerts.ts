import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { measureEvidence } from '../apps/user-service/src/alerts/testing/year/evidence.js';
import { measure, shortcomings } from '../apps/user-service/src/alerts/testing/year/measures.js';
import { linesOf, runYear, season } from '../apps/user-service/src/alerts/testing/year/run-year.js';
import { thisMachine, writeResult } from './machine.js';

const usage =
  'npm run bench -- alerts [--seeds 11,12] [--days 365] [--cities 5] [--json FILE] [--alerts FILE] [--season FILE]';

/**
 * A simulated year with known truth through the machine of alerts and the notices: how good they are. Fails when they are not as
 * promised. `--alerts` writes what was decided, a line each; `--season` that of the season which the tests compare with.
 */
export async function alertsBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '11,12' },
      days: { type: 'string', default: '365' },
      cities: { type: 'string', default: '5' },
      json: { type: 'string' },
      alerts: { type: 'string' },
      season: { type: 'string' },
    },
  });
  const seeds = values.seeds.split(',').map(Number);
  const [days, cities] = [Number(values.days), Number(values.cities)];
  if (!seeds.every(Number.isInteger) || !(days >= 10 && days <= 366) || !(cities >= 1 && cities <= 5)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  if (values.season !== undefined) {
    await writeFile(values.season, `${linesOf(runYear(season)).join('\n')}\n`);
    return 0;
  }
  const years = [];
  const lines: string[] = [];
  let isGood = true;
  for (const seed of seeds) {
    const startedMs = performance.now();
    const year = runYear({ seed, firstDay: 0, days, cities });
    const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
    const measures = measure(year);
    const evidence = measureEvidence(year);
    const { samples, inputs, digest } = year;
    console.log(
      `seed ${seed}: ${days} days, ${cities} cities, ${samples} samples, ${inputs} inputs in ${seconds} s; ${digest.slice(0, 16)}`,
    );
    for (const [name, value] of Object.entries({ ...measures, ...evidence }))
      console.log(
        `  ${name.padEnd(24)} ${typeof value === 'object' ? JSON.stringify(value) : Math.round(value * 1e6) / 1e6}`,
      );
    const problems = [
      ...shortcomings(measures),
      ...(evidence.rebuilt === 1 ? [] : [`only ${evidence.rebuilt} of the alerts are made again from what they cite`]),
      ...(evidence.needed >= 0.95 ? [] : [`only ${evidence.needed} of the cited records are needed`]),
    ];
    for (const problem of problems) console.log(`  NOT AS PROMISED: ${problem}`);
    isGood &&= problems.length === 0;
    years.push({ seed, days, cities, samples, inputs, seconds, digest, measures, evidence });
    lines.push(...linesOf(year));
  }
  if (values.alerts !== undefined) await writeFile(values.alerts, `${lines.join('\n')}\n`);
  const path = await writeResult('alerts', values.json, { machine: thisMachine(), years });
  console.log(`written to ${path}`);
  return isGood ? 0 : 1;
}
