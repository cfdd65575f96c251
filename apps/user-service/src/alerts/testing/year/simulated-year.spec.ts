import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { advance } from '../../life/advance.js';
import { minute } from '../histories.js';
import { measureEvidence } from './evidence.js';
import { measure, shortcomings } from './measures.js';
import { linesOf, runYear, season } from './run-year.js';

/** The whole year of five cities is `npm run bench -- alerts`. */
const weeks = { seed: 7, firstDay: 148, days: 25, cities: 1 };

describe('a season with known truth', () => {
  const year = runYear(season);

  it('is told as it should be', () => {
    const measures = measure(year);
    expect(measures).toMatchObject({ recall: 1, disagreements: 0, falseAllClears: 0 });
    expect(shortcomings(measures)).toEqual([]);
  });

  it('follows from the records that it cites, and needs each of them', () => {
    const evidence = measureEvidence(year);
    expect(evidence.transitions).toBeGreaterThan(60);
    expect(evidence).toMatchObject({ rebuilt: 1, needed: 1 });
    expect(evidence.mostCited).toBeLessThan(10);
  });

  it('is the one that is written down', () => {
    // After a change that is meant: npm run bench -- alerts --season FILE
    const written = readFileSync(join(import.meta.dirname, 'season.alerts.txt'), 'utf8');
    expect(linesOf(year)).toEqual(written.trimEnd().split('\n'));
  });

  it('is told the same again by the same seed, and otherwise by another', () => {
    expect(runYear(weeks).digest).toBe(runYear(weeks).digest);
    expect(runYear(weeks).digest).not.toBe(runYear({ ...weeks, seed: 8 }).digest);
  });

  it('shows what a machine does wrong', () => {
    const wrong = (change: object): readonly string[] =>
      shortcomings(
        measure(runYear({ ...weeks, machine: (rule, ...rest) => advance({ ...rule, ...change }, ...rest) })),
      );
    const hasty = wrong({ onDelayMs: 0, offDelayMs: 0, deadband: 0, coolDownMs: 0 }).join();
    for (const text of [
      /precision is/,
      /the oracle disagrees/,
      /false all-clears/,
      /notices at a limit/,
      /exactly one clear/,
    ])
      expect(hasty).toMatch(text);
    expect(wrong({ threshold: 200 }).join()).toMatch(/recall/);
    expect(wrong({ offDelayMs: 31 * minute })).toEqual([expect.stringMatching(/the oracle disagrees/)]);
  });
});
