import { describe, expect, it } from '@jest/globals';
import { ConditionsView } from './conditions-view.js';
import {
  readCityAverage,
  readCityConditions,
  readSensorHealth,
  readUserConditions,
  UnreadableRecordError,
} from './records.js';

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const city = (fields: Record<string, unknown> = {}) =>
  readCityConditions({ key: Buffer.from('c'), value: json(fields) });
const user = (id: number, fields: Record<string, unknown> | null) =>
  readUserConditions({ key: Buffer.from(String(id)), value: fields && json(fields) });

describe('records of the result topics', () => {
  it('keep what is there and take absent columns as null', () => {
    expect(city({ CITY: 'Miami', SENSOR_TEMPERATURE_F: 80.5, LATER_COLUMN: 1 }).value).toMatchObject({
      CITY: 'Miami',
      SENSOR_TEMPERATURE_F: 80.5,
      WEATHER_TEMPERATURE_F: null,
    });
  });

  it('carry the window in the last eight bytes of the key', () => {
    const start = Buffer.alloc(8);
    start.writeBigInt64BE(1_700_000_100_000n);
    const value = json({ WINDOW_START: 1_700_000_100_000, WINDOW_END: 1_700_000_400_000, READING_COUNT: 3 });
    expect(readCityAverage({ key: Buffer.concat([Buffer.from('miami-fl'), start]), value })).toMatchObject({
      cityId: 'miami-fl',
      windowStart: 1_700_000_100_000,
      value: { READING_COUNT: 3, AVG_TEMP: null },
    });
  });

  it.each([
    ['no JSON', Buffer.from('c'), Buffer.from('{'), 'the value is not JSON'],
    ['no object', Buffer.from('c'), json(['warm']), 'the value does not fit'],
    ['no key', null, json({}), 'the key is missing'],
  ])('are refused with %s', (_name, key, value, message) => {
    expect(() => readCityConditions({ key, value })).toThrow(UnreadableRecordError);
    expect(() => readCityConditions({ key, value })).toThrow(message);
  });

  it.each([
    ['a wrong type', '"warm"'],
    ['an infinite number', '1e999'],
    ['an object', '{"value": 70}'],
  ])('lose a field that holds %s, and nothing else', (_name, text) => {
    const value = Buffer.from(`{"CITY": "Miami", "SENSOR_TEMPERATURE_F": ${text}, "SENSOR_HUMIDITY_PCT": 50}`);
    const read = readCityConditions({ key: Buffer.from('c'), value });
    expect(read.value).toMatchObject({ CITY: 'Miami', SENSOR_TEMPERATURE_F: null, SENSOR_HUMIDITY_PCT: 50 });
    expect(read.misfit).toMatch('SENSOR_TEMPERATURE_F');
  });

  it('lose a time that no calendar can show', () => {
    expect(city({ SENSOR_MEASURED_AT: 9e15, WEATHER_OBSERVED_AT: -9e15 })).toMatchObject({
      value: { SENSOR_MEASURED_AT: null, WEATHER_OBSERVED_AT: null },
    });
  });

  it('of a window are refused without its bounds', () => {
    const key = Buffer.concat([Buffer.from('miami-fl'), Buffer.alloc(8)]);
    const value = Buffer.from('{"WINDOW_START": 1e999, "WINDOW_END": 300000, "READING_COUNT": 1}');
    expect(() => readCityAverage({ key, value })).toThrow('WINDOW_START');
  });

  it('are refused when the key is no id of a person', () => {
    expect(() => readUserConditions({ key: Buffer.from('ann'), value: null })).toThrow('the key is no id of a person');
  });
});

describe('ConditionsView', () => {
  const apply = (view: ConditionsView, id: number, fields: Record<string, unknown> | null): void => {
    const { userId, value } = user(id, fields);
    view.applyUser(userId, value);
  };

  it('forgets a person with the tombstone', () => {
    const view = new ConditionsView();
    apply(view, 1, { FULL_NAME: 'Ann', CITY_KEY: 'a' });
    apply(view, 2, { FULL_NAME: 'Bob', CITY_KEY: 'a' });
    apply(view, 1, null);
    expect(view.allUsers().map(([id]) => id)).toEqual([2]);
    expect(view.user(1)).toBeNull();
  });

  it.each(['cities', 'averages', 'sensors', 'users'] as const)('forgets all %s, says so, and nothing else', (kind) => {
    const view = new ConditionsView();
    const average = { WINDOW_START: 1, WINDOW_END: 2, READING_COUNT: 1, AVG_TEMP: 70 };
    const sensor = { CITY_KEY: 'a', STATUS: 'OK', AIR_QUALITY_INDEX: 44, LAST_READING_AT: 1 };
    view.applyCity('a', city({ CITY: 'A' }).value);
    view.applyAverage('a', 1, { AVG_HUMIDITY: null, AVG_AQI: null, MAX_AQI: null, ...average });
    for (const id of ['s1', 's2'])
      view.applySensor(id, readSensorHealth({ key: Buffer.from(id), value: json(sensor) }).value);
    apply(view, 1, { FULL_NAME: 'Ann', CITY_KEY: 'a' });
    const before = view.changeNumber;
    view.forgetAll(kind);
    expect({
      cities: view.city('a') === null,
      averages: view.averagesOf('a').length === 0,
      sensors: view.sensorsOf('a').size === 0 && view.airOf('a', 1).sensorsUsed === 0,
      users: view.allUsers().length === 0,
    }).toEqual({ cities: false, averages: false, sensors: false, users: false, [kind]: true });
    expect(Math.max(view.cityChangeNumber('a'), view.peopleChangeNumber)).toBeGreaterThan(before);
  });

  it('tells a move from a new temperature', () => {
    const view = new ConditionsView();
    apply(view, 1, { CITY_KEY: 'a', SENSOR_TEMPERATURE_F: 70 });
    const before = view.peopleChangeNumber;
    apply(view, 1, { CITY_KEY: 'a', SENSOR_TEMPERATURE_F: 71 });
    expect(view.peopleChangeNumber).toBe(before);
    apply(view, 1, { CITY_KEY: 'b', SENSOR_TEMPERATURE_F: 71 });
    expect(view.peopleChangeNumber).toBe(view.changeNumber);
  });

  it('keeps an hour of windows in order, whatever order they come in', () => {
    const view = new ConditionsView();
    const window = (start: number, count: number) => ({
      WINDOW_START: start,
      WINDOW_END: start + 1,
      READING_COUNT: count,
      AVG_TEMP: null,
      AVG_HUMIDITY: null,
      AVG_AQI: null,
      MAX_AQI: null,
    });
    for (const start of [3, 1, 2, 3]) view.applyAverage('a', start, window(start, start * 10));
    view.applyAverage('a', 1, null);
    expect(view.averagesOf('a').map((each) => each.WINDOW_START)).toEqual([2, 3]);
    for (let start = 10; start < 40; start += 1) view.applyAverage('a', start, window(start, 1));
    expect(view.averagesOf('a')).toHaveLength(12);
    expect(view.averagesOf('a').at(-1)?.WINDOW_START).toBe(39);
  });
});
