import { beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit, percent, resultTopics } from '@isobar/contracts';
import { minutesMs, noonMs, reading, secondsMs, user } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('city_sensors', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  it('keeps the newest reading and the last eight temperatures of a city', () => {
    for (let n = 1; n <= 9; n += 1)
      pipeline.reading(`s${n % 3}`, reading(secondsMs(n), { temperature_fahrenheit: fahrenheit(90 - n) }));
    expect(pipeline.table('city-sensors').get('miami-fl')).toMatchObject({
      SENSOR_ID: 's0',
      TEMPERATURE_FAHRENHEIT: 81,
      READINGS: 9,
      NEWEST_MEASURED_AT: noonMs + secondsMs(9),
      RECENT_TEMPERATURES_F: [81, 82, 83, 84, 85, 86, 87, 88],
    });
  });

  it('takes no reading that no instrument can have taken, nor one from a clock that is ahead', () => {
    pipeline.reading('s1', reading(0));
    pipeline.reading('s2', reading(1, { temperature_fahrenheit: fahrenheit(999) }));
    pipeline.reading('s2', reading(2, { humidity_pct: percent(-40) }));
    pipeline.reading('s2', reading(minutesMs(26 * 60)));
    expect(pipeline.table('city-sensors').get('miami-fl')).toMatchObject({ SENSOR_ID: 's1', READINGS: 1 });
  });

  it("keeps nothing of a start's own test, each time, and of a city whose readings tell no source all", () => {
    const written = new Map<string, unknown>();
    const look = (): void => {
      for (const topic of Object.values(resultTopics))
        for (const { key, value } of pipeline.read(topic)) written.set(`${topic} ${String(key)}`, value);
    };
    const rows = (): string[] => [...written].flatMap(([name, value]) => (value === null ? [] : [name]));
    pipeline.user(user({ city_key: 'isobar-probe' }));
    look();
    for (const start of [1, 2]) {
      const probe = (source: string) => reading(secondsMs(start), { city_key: 'isobar-probe', source });
      pipeline.raw('iot-sensors', null, JSON.stringify(probe('isobar-probe')));
      look();
      const seen = ['city-sensors', 'city-conditions'].map((topic) => `${topic} isobar-probe`);
      expect(rows().filter((row) => row.includes('isobar-probe'))).toEqual(seen);
      expect(written.get('user-conditions 1')).toMatchObject({ SENSOR_EVENT_ID: reading(secondsMs(start)).event_id });
      pipeline.raw('iot-sensors', null, JSON.stringify(probe('isobar-probe-over')));
      look();
      expect(rows().filter((row) => row.includes('isobar-probe'))).toEqual([]);
    }
    pipeline.deleteUser(1, noonMs);
    look();
    expect(rows()).toEqual([]);
    pipeline.raw('iot-sensors', 's1', JSON.stringify({ ...reading(0), source: null }));
    look();
    expect(rows()).toEqual(expect.arrayContaining(['city-sensors miami-fl', 'sensor-health s1']));
  });
});
