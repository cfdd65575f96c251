import { beforeEach, describe, expect, it } from '@jest/globals';
import { readSensorHealth } from '../conditions/records.js';
import { CityAirs } from './city-air.js';

const noon = 1_700_000_000_000;
const minute = 60_000;

describe('the air of a city', () => {
  let airs: CityAirs;
  beforeEach(() => {
    airs = new CityAirs(minute);
  });

  function hear(sensor: string, index: number | null, atMs: number, status = 'OK', city = 'boise-id'): void {
    const fields = { CITY_KEY: city, STATUS: status, AIR_QUALITY_INDEX: index, LAST_READING_AT: noon + atMs };
    const { value } = readSensorHealth({ key: Buffer.from(sensor), value: Buffer.from(JSON.stringify(fields)) });
    if (value !== null) airs.note(sensor, value);
  }
  const at = (ms: number) => airs.of('boise-id', noon + ms);

  it('is not known before a sensor spoke', () => {
    expect(at(0)).toMatchObject({ index: null, at: null, sensorsUsed: 0, sensorsLeftOut: 0 });
  });

  it('is the middle of its sensors, with their count and the time of the newest', () => {
    for (const [number, index] of [171, 174, 23, 180].entries()) hear(`s${number}`, index, number);
    expect(at(10)).toEqual({ index: 173, at: noon + 3, sensorsUsed: 4, sensorsLeftOut: 0, onlySensor: undefined });
  });

  it('leaves out the flagged, the silent and those without fine particles', () => {
    hear('good', 60, 0);
    hear('flagged', 10, 0, 'STUCK');
    hear('blind', null, 0);
    hear('silent', 300, -minute - 1);
    expect(at(0)).toMatchObject({ index: 60, sensorsUsed: 1, sensorsLeftOut: 3, onlySensor: 'good' });
  });

  it('takes a single spike of a lonely sensor for none', () => {
    for (let second = 0; second < 120; second += 5) {
      hear('lonely', second === 60 ? 400 : 40, second * 1_000);
      expect(at(second * 1_000).index).toBe(40);
    }
  });

  it('keeps the last number when all are silent, and says so by the count', () => {
    hear('s1', 60, 0);
    expect(at(0).sensorsUsed).toBe(1);
    expect(at(2 * minute)).toMatchObject({ index: 60, at: noon, sensorsUsed: 0, sensorsLeftOut: 1 });
  });

  it('forgets what a sensor said before it was flagged', () => {
    for (let second = 0; second < 20; second += 5) hear('s1', 300, second * 1_000);
    hear('s1', 300, 20_000, 'STUCK');
    hear('s1', 50, 25_000);
    expect(at(26_000)).toMatchObject({ index: 50, sensorsUsed: 1 });
  });

  it('forgets a sensor that is gone', () => {
    hear('s1', 60, 0);
    airs.forget('s1', 'boise-id');
    expect(at(0)).toMatchObject({ sensorsUsed: 0, sensorsLeftOut: 0 });
  });
});
