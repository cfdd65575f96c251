import { describe, expect, it } from '@jest/globals';
import { ConditionsView } from './conditions-view.js';
import { describeSensorHealth } from './describe-sensor-health.js';
import { readSensorHealth } from './records.js';

const now = 1_700_000_000_000;
const hourMs = 3_600_000;

describe('the health of the sensors of a city', () => {
  const apply = (view: ConditionsView, id: string, status: string, city = 'a', at = now): void => {
    const fields = { CITY_KEY: city, STATUS: status, LAST_READING_AT: at };
    const { sensorId, value } = readSensorHealth({ key: Buffer.from(id), value: Buffer.from(JSON.stringify(fields)) });
    view.applySensor(sensorId, value);
  };
  const shown = (view: ConditionsView, city = 'a') => {
    const { sensors, flaggedSensors, flagged } = describeSensorHealth(view.sensorsOf(city), now);
    return [sensors, flaggedSensors, flagged.map(({ sensorId, status }) => `${sensorId} ${status}`)];
  };

  it('names what is flagged, and nothing else', () => {
    const view = new ConditionsView();
    apply(view, 'a-02', 'STUCK');
    apply(view, 'a-01', 'SILENT', 'a', now - 5 * 60_000);
    apply(view, 'a-03', 'OK');
    apply(view, 'a-04', 'A_LATER_STATUS');
    expect(shown(view)).toEqual([4, 2, ['a-01 SILENT', 'a-02 STUCK']]);
    expect(shown(view, 'b')).toEqual([0, 0, []]);
    apply(view, 'a-01', 'OK');
    expect(shown(view)).toEqual([4, 1, ['a-02 STUCK']]);
  });

  it('tells how far a clock is ahead or behind, and when one that is ahead has fallen silent', () => {
    const skewed = (STATUS: string, fields: Record<string, unknown>) => {
      const value = Buffer.from(JSON.stringify({ CITY_KEY: 'a', STATUS, ...fields }));
      const record = readSensorHealth({ key: Buffer.from('s'), value }).value;
      return describeSensorHealth(new Map(record === null ? [] : [['s', record]]), now).flagged;
    };
    const ahead = (spokeAgoMs: number) =>
      skewed('CLOCK_AHEAD', { LAST_READING_AT: now - spokeAgoMs + 240_000, AHEAD_MS: 240_000 });
    expect(ahead(5_000)).toMatchObject([{ status: 'CLOCK_AHEAD', clockOffsetMs: 240_000 }]);
    expect(ahead(200_000)).toMatchObject([{ status: 'SILENT', clockOffsetMs: null }]);
    expect(skewed('CLOCK_BEHIND', { LAST_READING_AT: now - 600_000, BEHIND_MS: 600_000 })).toMatchObject([
      { status: 'CLOCK_BEHIND', clockOffsetMs: -600_000 },
    ]);
  });

  it('follows a sensor to another city and forgets one that was taken down', () => {
    const view = new ConditionsView();
    apply(view, 's', 'FAR');
    apply(view, 's', 'FAR', 'b');
    expect([shown(view), shown(view, 'b')]).toEqual([
      [0, 0, []],
      [1, 1, ['s FAR']],
    ]);
    view.applySensor('s', null);
    expect(shown(view, 'b')).toEqual([0, 0, []]);
    apply(view, 'old', 'SILENT', 'a', now - 25 * hourMs);
    expect(shown(view)).toEqual([0, 0, []]);
  });

  it('is news when the word changes, not with each reading', () => {
    const view = new ConditionsView();
    apply(view, 's', 'OK');
    const before = view.cityChangeNumber('a');
    apply(view, 's', 'OK', 'a', now + 1);
    expect(view.cityChangeNumber('a')).toBe(before);
    apply(view, 's', 'STUCK');
    expect(view.cityChangeNumber('a')).toBeGreaterThan(before);
  });

  it('names ten at most and counts all', () => {
    const view = new ConditionsView();
    for (let n = 10; n < 35; n += 1) apply(view, `a-${n}`, 'IMPOSSIBLE');
    const [sensors, flaggedSensors, names] = shown(view);
    expect([sensors, flaggedSensors]).toEqual([25, 25]);
    expect(names).toHaveLength(10);
  });
});
