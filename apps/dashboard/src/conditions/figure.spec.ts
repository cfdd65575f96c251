import { describe, expect, it } from '@jest/globals';
import { figure } from './figure.js';

const now = 1_000_000;
const origin = { source: 'nws', at: now - 10_000, staleAfterMs: 30_000 };

describe('the state of a figure', () => {
  it.each([
    ['live while it is young', 70, origin, 'live'],
    ['stale when it is old', 70, { ...origin, at: now - 30_001 }, 'stale'],
    ['unknown when nobody reported', null, { ...origin, at: null }, 'unknown'],
    ['unavailable when the source reports without it', null, origin, 'unavailable'],
    ['sample when it is simulated', 70, { ...origin, source: 'sample' }, 'sample'],
    [
      'stale before sample, for an old simulation says nothing about now',
      70,
      { ...origin, source: 'sample', at: 0 },
      'stale',
    ],
  ])('%s', (_name, value, from, state) => {
    expect(figure(value, from, now)).toMatchObject({ value, state, source: from.source, at: from.at });
  });
});
