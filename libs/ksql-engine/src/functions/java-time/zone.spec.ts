import { describe, expect, it } from '@jest/globals';
import { instantOf, zoneOf } from './zone.js';

const HOUR_MS = 3_600_000;
const at = (text: string) => Date.parse(`${text}Z`);

describe('time zones', () => {
  it.each([
    ['UTC', '2023-07-01T00:00', 0],
    ['Z', '2023-07-01T00:00', 0],
    ['+05:30', '2023-07-01T00:00', 5.5],
    ['-0800', '2023-07-01T00:00', -8],
    ['GMT+2', '2023-07-01T00:00', 2],
    ['UTC+01:00', '2023-07-01T00:00', 1],
    ['Europe/Berlin', '2023-03-26T00:59:59.999', 1],
    ['Europe/Berlin', '2023-03-26T01:00', 2],
    ['Europe/Berlin', '2023-10-29T00:59:59.999', 2],
    ['Europe/Berlin', '2023-10-29T01:00', 1],
    ['America/New_York', '2023-03-12T06:59:59.999', -5],
    ['America/New_York', '2023-03-12T07:00', -4],
    ['Australia/Lord_Howe', '2023-07-01T00:00', 10.5],
    ['Asia/Kolkata', '1970-01-01T00:00', 5.5],
    ['Pacific/Apia', '2011-12-29T00:00', -10],
    ['Pacific/Apia', '2011-12-31T00:00', 14],
    ['Europe/Berlin', '1800-01-01T00:00', 0.891111111111111],
  ])('%s is at %s %d hours ahead', (id, instant, hours) => {
    expect(zoneOf(id).offsetMsAt(at(instant)) / HOUR_MS).toBeCloseTo(hours, 3);
  });

  it.each(['PST', 'EST', 'utc', 'europe/berlin', 'Nowhere/City', '', 'Europe/', '+25:00', '+1:2:3:4'])(
    'does not know %j',
    (id) => {
      expect(() => zoneOf(id)).toThrow(/zone/);
    },
  );

  it.each([
    ['a usual time', '2023-07-01T12:00', '2023-07-01T10:00'],
    ['a time in the gap moves forward', '2023-03-26T02:30', '2023-03-26T01:30'],
    ['of a doubled time the later one counts', '2023-10-29T02:30', '2023-10-29T01:30'],
    ['before the doubled hour', '2023-10-29T01:59', '2023-10-28T23:59'],
  ])('finds the instant of a wall clock in Berlin: %s', (_, wall, instant) => {
    expect(instantOf(at(wall), zoneOf('Europe/Berlin'))).toBe(at(instant));
  });
});
