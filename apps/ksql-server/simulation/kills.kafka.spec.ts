import { expect, it } from '@jest/globals';
import { killLoop } from './kill-loop.js';

/** `npm run simulate:kafka` kills fifty times, and fails when nothing was aborted; in so short a run that is a matter of luck. */
const KILLS = Number(process.env['KILLS'] ?? 1);

it('writes what follows from its input, once, whatever is killed, stands still or is cut', async () => {
  const { problems, written, claims } = await killLoop({
    seed: 1,
    kills: KILLS,
    freezes: 1,
    brokerKills: 1,
    say: () => undefined,
  });
  expect(problems).toEqual([]);
  expect(written).toBeGreaterThan(200);
  expect(claims).toBeGreaterThanOrEqual(3);
}, 240_000);
