import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fahrenheit, hectopascals, microgramsPerCubicMeter, percent } from '@isobar/contracts';
import { minutesMs, noonMs, observation, reading, secondsMs } from '../testing/events.js';
import { PipelineDriver } from '../testing/pipeline-driver.js';

describe('checked_readings', () => {
  let pipeline: PipelineDriver;
  beforeEach(async () => {
    pipeline = await PipelineDriver.create(noonMs + minutesMs(24 * 60));
  });

  afterEach(() => {
    // A value that is not there is no error.
    const problems = pipeline.problems.filter((problem) => problem.includes('CHECKED_READINGS'));
    expect(problems.filter((problem) => !problem.includes('Error deserializing'))).toEqual([]);
  });

  const flags = (): unknown[] => pipeline.read('checked-readings').map(({ value }) => value?.['FLAG']);

  it('flags what no instrument can have taken, reading by reading', () => {
    pipeline.reading('s1', reading(0));
    pipeline.reading('s1', reading(1, { temperature_fahrenheit: fahrenheit(999) }));
    pipeline.reading('s1', reading(2, { humidity_pct: percent(101) }));
    pipeline.reading('s1', reading(3, { pressure_hpa: hectopascals(0) }));
    pipeline.reading('s1', reading(4, { pm25_ugm3: microgramsPerCubicMeter(-1) }));
    pipeline.reading('s1', reading(5, { temperature_fahrenheit: null, humidity_pct: null, pm25_ugm3: null }));
    const impossible = 'IMPOSSIBLE';
    expect(flags()).toEqual([null, impossible, impossible, impossible, impossible, null]);
  });

  describe('a value that is none', () => {
    const nowMs = noonMs + minutesMs(24 * 60);
    const fields = [
      'temperature_fahrenheit',
      'humidity_pct',
      'pressure_hpa',
      'pm25_ugm3',
      'air_quality_index',
    ] as const;
    /** JSON as programs write it that do not check what they write. */
    const withToken = (field: string, token: string): string =>
      JSON.stringify({ ...reading(secondsMs(5)), [field]: '?' }).replace('"?"', token);
    const beyond = ['1e400', '-1e400', '1e300', '4294967340', '99999999999999999999', '-5000'];
    const isRefused = (): boolean => pipeline.problems.some((problem) => problem.includes('CITY_SENSORS'));
    /** What a reader sees of a city with one good reading, and of the sensor that said something else. */
    const seen = () => ({
      status: pipeline.table('sensor-health').get('s2')?.['STATUS'],
      city: pipeline.table('city-sensors').get('miami-fl'),
      windows: [...pipeline.windows('city-averages-5m').values()],
    });
    const untouched = {
      city: expect.objectContaining({ SENSOR_ID: 's1', AIR_QUALITY_INDEX: 44, TEMPERATURE_FAHRENHEIT: 80 }),
      windows: [expect.objectContaining({ READING_COUNT: 1, AVG_TEMP: 80, AVG_AQI: 44, MAX_AQI: 44 })],
    };

    beforeEach(() => pipeline.reading('s1', reading(0)));

    it.each(fields.flatMap((field) => beyond.map((token) => [field, token])))('%s %s is flagged', (field, token) => {
      pipeline.raw('iot-sensors', 's2', withToken(field, token));
      expect(seen()).toEqual({ status: 'IMPOSSIBLE', ...untouched });
    });

    it.each(fields.map((field) => [field]))('%s "NaN", as text, is flagged', (field) => {
      pipeline.raw('iot-sensors', 's2', withToken(field, '"NaN"'));
      expect(seen()).toEqual({ status: 'IMPOSSIBLE', ...untouched });
    });

    it.each([...fields, 'measured_at'].flatMap((field) => ['NaN', 'Infinity', '"warm"', '{}'].map((t) => [field, t])))(
      '%s %s makes a dead letter',
      (field, token) => {
        pipeline.raw('iot-sensors', 's2', withToken(field, token));
        expect(isRefused()).toBe(true);
        expect(seen()).toEqual({ status: undefined, ...untouched });
      },
    );

    it.each(['1e300', '1e400', '0', '1.5', String(Math.floor(nowMs / 1_000))])(
      'measured_at %s is flagged: a time in other units, or no number',
      (token) => {
        pipeline.raw('iot-sensors', 's2', withToken('measured_at', token));
        expect(seen()).toEqual({ status: 'IMPOSSIBLE', ...untouched });
      },
    );

    it('says of a reading without any value that it is empty; a value that was not measured is no fault', () => {
      const nothing = Object.fromEntries(fields.map((field) => [field, null]));
      pipeline.reading('s2', reading(secondsMs(5), nothing));
      expect(seen()).toEqual({ status: 'EMPTY', ...untouched });
      pipeline.reading('s3', reading(secondsMs(5), { ...nothing, humidity_pct: percent(60) }));
      expect(pipeline.table('sensor-health').get('s3')?.['STATUS']).toBe('OK');
    });
  });

  it('flags a clock that is more than a minute ahead, and takes nothing from more than five', () => {
    const nowMs = noonMs + minutesMs(10);
    pipeline.passTo(nowMs);
    for (const aheadMs of [minutesMs(1), minutesMs(1) + 1, minutesMs(5), minutesMs(5) + 1, minutesMs(120)])
      pipeline.reading('s1', reading(minutesMs(10) + aheadMs));
    expect(pipeline.read('checked-readings').map(({ value }) => [value?.['FLAG'], value?.['AHEAD_MS']])).toEqual([
      [null, null],
      ['CLOCK_AHEAD', minutesMs(1) + 1],
      ['CLOCK_AHEAD', minutesMs(5)],
    ]);
  });

  it('judges the first reading of a city, of which nothing is known yet', () => {
    pipeline.reading('s1', reading(0, { temperature_fahrenheit: fahrenheit(999) }));
    pipeline.weather('miami-fl', observation(0, { temperature_f: null }));
    pipeline.reading('s2', reading(1));
    expect(flags()).toEqual(['IMPOSSIBLE', null]);
  });

  it('flags a sensor that repeats itself from the twelfth reading on, but not one reading told again', () => {
    for (let n = 0; n < 13; n += 1) pipeline.reading('s1', reading(secondsMs(5 * n)));
    pipeline.reading('s1', reading(secondsMs(65), { temperature_fahrenheit: fahrenheit(80.1) }));
    expect(flags()).toEqual([...Array.from({ length: 11 }, () => null), 'STUCK', 'STUCK', null]);
    for (let n = 0; n < 13; n += 1) pipeline.reading('s2', reading(secondsMs(70)));
    expect(flags()).toEqual(Array.from({ length: 13 }, () => null));
  });

  it('flags a reading far from the station and from its neighbours', () => {
    pipeline.weather('miami-fl', observation(0));
    for (const [n, temperature] of [79, 80, 81, 121].entries())
      pipeline.reading(`s${n}`, reading(secondsMs(n), { temperature_fahrenheit: fahrenheit(temperature) }));
    expect(
      pipeline.read('checked-readings').map(({ key, value }) => [key, value?.['SENSOR_ID'], value?.['FLAG']]),
    ).toEqual([0, 1, 2, 3].map((n) => ['miami-fl', `s${n}`, n === 3 ? 'FAR' : null]));
  });

  it('takes weather that all sensors see for weather', () => {
    pipeline.weather('miami-fl', observation(0));
    for (let n = 0; n < 60; n += 1)
      pipeline.reading(`s${n % 4}`, reading(secondsMs(n), { temperature_fahrenheit: fahrenheit(80 + n / 2) }));
    expect(new Set(flags())).toEqual(new Set([null]));
  });

  it('tells how late a reading is', () => {
    pipeline.reading('s1', reading(minutesMs(130)));
    pipeline.reading('s2', reading(minutesMs(130) - secondsMs(90)));
    pipeline.reading('s3', reading(minutesMs(10)));
    expect(pipeline.read('checked-readings').map(({ value }) => [value?.['LATENESS_MS'], value?.['IS_LATE']])).toEqual([
      [0, false],
      [secondsMs(90), false],
      [minutesMs(120), true],
    ]);
  });
});
