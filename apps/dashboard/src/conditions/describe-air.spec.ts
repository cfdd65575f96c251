import { describe, expect, it } from '@jest/globals';
import { unknownAir, type CityAir } from '../air-quality/city-air.js';
import { airWindowMs, describeCityAir } from './describe-air.js';

const now = 1_700_000_000_000;
const shown = (changes: Partial<CityAir>) =>
  describeCityAir({ ...unknownAir, ...changes }, { staleAfterMs: 60_000, windowMs: 60_000 }, now);

describe('the air that is shown of a city', () => {
  it.each([
    ['unknown before any sensor', {}, 'unknown', null, 'no sensor yet'],
    [
      'live with its category and the sensors behind it',
      { index: 174, at: now, sensorsUsed: 3, sensorsLeftOut: 1 },
      'live',
      'Unhealthy',
      'median of 3 sensors, 1 left out, last minute; not the official 24-hour index',
    ],
    [
      'live by one sensor, which it names',
      { index: 101, at: now, sensorsUsed: 1, onlySensor: 's1' },
      'live',
      'Unhealthy for Sensitive Groups',
      'one sensor, last minute; not the official 24-hour index',
    ],
    [
      'stale at once when nobody vouches for it',
      { index: 40, at: now - 1_000, sensorsLeftOut: 4 },
      'stale',
      'Good',
      'none of 4 sensors can be trusted now',
    ],
    [
      'unavailable when sensors speak and none was ever trusted',
      { sensorsLeftOut: 1 },
      'unavailable',
      null,
      'none of 1 sensor can be trusted now',
    ],
  ])('is %s', (_name, air, state, category, averaging) => {
    expect(shown(air)).toMatchObject({ state, category, averaging });
  });

  it('counts readings of a minute, and of three intervals of slow sensors', () => {
    expect([airWindowMs(5_000), airWindowMs(60_000)]).toEqual([60_000, 180_000]);
  });
});
