import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { must } from '../src/errors/assert.js';
import { SeededRandom } from '../src/testing/seeded-random.js';
import { crashDifference } from './crashes.js';
import { differenceOf, drawRun, shrink, type Regression } from './run-scenario.js';
import { scenarios } from './scenarios.js';

/** SIMULATION_SEEDS sets how many runs each scenario gets here; `npm run simulate` does thousands. */
const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 15);

describe.each(scenarios)('$name', (scenario) => {
  it('is what the model says, record by record', () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { prepared, events } = drawRun(scenario, seed);
      expect([seed, differenceOf(prepared, events)]).toEqual([seed, undefined]);
    }
  }, 60_000);

  it('is the same when it is killed and restored', () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { prepared, events } = drawRun(scenario, seed);
      expect([seed, crashDifference(prepared, events, seed)]).toEqual([seed, undefined]);
    }
  }, 60_000);
});

describe('runs that once differed', () => {
  const folder = join(import.meta.dirname, 'regressions');

  it.each(readdirSync(folder).filter((file) => file.endsWith('.json')))('%s', (file) => {
    const { scenario, seed, events } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Regression;
    const { prepare } = must(
      scenarios.find(({ name }) => name === scenario),
      `scenario ${scenario}`,
    );
    const prepared = prepare(new SeededRandom(seed));
    expect(differenceOf(prepared, events)).toBeUndefined();
    expect(crashDifference(prepared, events, seed)).toBeUndefined();
  });
});

describe('a query that answers otherwise than the model', () => {
  const filter = must(scenarios[0], 'first scenario');
  const { prepared, events } = drawRun(filter, 1);
  const wrong = { ...prepared, sql: prepared.sql.replace('v > 3', 'v > 4') };

  it('is found, and shrunk to the one record that shows it', () => {
    expect(differenceOf(wrong, events)).toContain('model');
    const smallest = shrink(wrong, events);
    expect(smallest).toHaveLength(1);
    expect(smallest[0]?.value?.v).toBe(4);
  });
});
