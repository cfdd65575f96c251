import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { celsius, epochMs, fahrenheit, percent, type FahrenheitDegrees } from '../units.js';
import { alertLimitRowV1 } from '../alerts/limit-row.v1.js';
import { sensorReadingV1 } from '../sensors/reading.v1.js';
import { resultTopics } from '../topics.js';
import { userRowV1 } from '../users/user-row.v1.js';
import { weatherAlertV1 } from '../weather/alert.v1.js';
import { weatherForecastV1 } from '../weather/forecast.v1.js';
import { weatherObservationV1, type WeatherObservation } from '../weather/observation.v1.js';
import { EventType } from './define-event.js';
import { eventId } from './event-id.js';

const sqlFolder = new URL('../../../../ksql/', import.meta.url);
const eventTypes = [
  weatherObservationV1,
  weatherForecastV1,
  weatherAlertV1,
  sensorReadingV1,
  userRowV1,
  alertLimitRowV1,
];
/** As tables of ours have them; nothing was fetched or measured. */
const rows: readonly string[] = [userRowV1.id, alertLimitRowV1.id];

/** The columns of a `CREATE STREAM|TABLE name (…)`, read with no more grammar than our own source files use. */
function declaredColumns(sql: string) {
  const list = /CREATE (?:STREAM|TABLE) \w+ \(([\s\S]*?)\) WITH/.exec(sql)?.[1] ?? '';
  return list.split(',').map((column) => {
    const [name, type, ...rest] = column.trim().split(/\s+/);
    return { name, type: type === 'INT' ? 'INTEGER' : type, isKey: rest.includes('KEY') };
  });
}

const observation: WeatherObservation = {
  event_id: eventId('weather-observation', 'chicago-il', 1),
  city: 'Chicago',
  state: 'IL',
  temperature_f: fahrenheit(71.6),
  humidity_pct: percent(40),
  wind_mph: null,
  pressure_hpa: null,
  conditions: 'Clear',
  station_id: 'KMDW',
  source: 'nws',
  observed_at: epochMs(1_700_000_000_000),
  fetched_at: epochMs(1_700_000_060_000),
};

describe('event types and the SQL that reads them', () => {
  it.each(eventTypes)('$id has the columns of its source', (eventType) => {
    const { source, topic, key, timestamp } = eventType.declaration;
    const sql = readFileSync(new URL(`00-sources/${source}.sql`, sqlFolder), 'utf8');
    expect(declaredColumns(sql)).toEqual(eventType.sqlColumns);
    expect(sql).toContain(`KAFKA_TOPIC = '${topic}'`);
    expect(sql).toContain(`TIMESTAMP = '${timestamp}'`);
    expect(sql.includes("KEY_FORMAT = 'JSON'")).toBe(key.format === 'JSON');
  });

  it('knows the topic of every result', () => {
    const written = readdirSync(sqlFolder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sql') && !file.endsWith('.test.sql') && !file.includes('00-sources'))
      .map((file) => /KAFKA_TOPIC = '([^']+)'/.exec(readFileSync(new URL(file, sqlFolder), 'utf8'))?.[1]);
    expect(new Set(Object.values(resultTopics))).toEqual(new Set(written));
  });
});

describe('an event type', () => {
  it('makes a record with key, headers and event time', () => {
    const record = weatherObservationV1.toRecord('chicago-il', observation, { 'event-id': observation.event_id });
    expect(record).toMatchObject({
      topic: 'weather-data',
      key: 'chicago-il',
      timestamp: '1700000000000',
      headers: {
        'content-type': 'application/json',
        schema: 'weather-observation.v1',
        'event-id': observation.event_id,
      },
    });
    expect(weatherObservationV1.parseValue(record.value)).toEqual(observation);
  });

  it('carries the trace it belongs to', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { headers } = weatherObservationV1.toRecord('chicago-il', observation, { traceparent });
    expect(headers).toEqual({ 'content-type': 'application/json', schema: 'weather-observation.v1', traceparent });
  });

  it('refuses an event with a missing, unknown or mistyped field', () => {
    const { city: _city, ...withoutCity } = observation;
    expect(() => weatherObservationV1.toRecord('x', withoutCity as WeatherObservation)).toThrow(/city/);
    expect(() => weatherObservationV1.toRecord('x', { ...observation, temp: 1 } as WeatherObservation)).toThrow(/temp/);
    expect(() =>
      weatherObservationV1.toRecord('x', { ...observation, temperature_f: '70' as unknown as FahrenheitDegrees }),
    ).toThrow(/temperature_f/);
  });

  it('reads rows with more columns than it knows, and tombstones', () => {
    const row = {
      id: 7,
      username: 'ann',
      full_name: 'Ann',
      city_key: 'miami-fl',
      temp_high_f: 85.5,
      temp_low_f: null,
      aqi_limit: 100,
      updated_at_ms: 1,
      email: 'ann@example.org',
      __op: 'c',
    };
    expect(userRowV1.parseValue(Buffer.from(JSON.stringify(row)))).toEqual(row);
    expect(userRowV1.parseValue(null)).toBeNull();
    expect(userRowV1.parseKey(Buffer.from('7'))).toBe(7);
  });

  it('does not take Celsius for Fahrenheit', () => {
    // @ts-expect-error the unit is part of the type
    const mistaken: WeatherObservation = { ...observation, temperature_f: celsius(22) };
    expect(mistaken.temperature_f).toBe(22);
  });

  it('derives a JSON schema and an Avro schema', () => {
    expect(weatherObservationV1.jsonSchema).toMatchObject({
      $id: 'weather-observation.v1',
      additionalProperties: false,
      properties: {
        temperature_f: { anyOf: [{ type: 'number' }, { type: 'null' }] },
        observed_at: { type: 'integer' },
      },
    });
    expect(weatherObservationV1.avroSchema).toMatchObject({
      name: 'WeatherObservationV1',
      fields: expect.arrayContaining([
        { name: 'temperature_f', type: ['null', 'double'], default: null },
        { name: 'observed_at', type: 'long' },
      ]),
    });
  });
});

/** What readers of a published version rely on. A version may gain a nullable field; every other change is a new version. */
const published: Record<string, string> = {
  'weather-observation.v1':
    'event_id string, city string, state string, temperature_f double?, humidity_pct double?, wind_mph double?, pressure_hpa double?, conditions string?, station_id string?, source string, observed_at long, fetched_at long',
  'sensor-reading.v1':
    'event_id string, city_key string, location string, state string, temperature_fahrenheit double?, humidity_pct double?, pressure_hpa double?, pm25_ugm3 double?, air_quality_index int?, source string, measured_at long',
  'weather-forecast.v1':
    'event_id string, city string, state string, kind string, period_name string?, period_start long, period_end long, is_daytime boolean?, temperature_f double?, humidity_pct double?, wind_mph double?, wind_direction string?, precipitation_pct double?, conditions string?, source string, issued_at long, fetched_at long',
  'weather-alert.v1':
    'event_id string, city_key string, city string, state string, alert_id string, status string, event string, severity string, certainty string, urgency string, headline string?, description string?, instruction string?, area string?, sender string?, starts_at long?, ends_at long?, source string, issued_at long, fetched_at long',
  'user-row.v1':
    'id long, username string, full_name string, city_key string, temp_high_f double?, temp_low_f double?, aqi_limit int?, updated_at_ms long',
  'alert-limit-row.v1':
    'id long, city_key string, metric string, comparison string, threshold double, deadband double, updated_at_ms long',
};

describe('a renamed field', () => {
  const { temperature_f, ...others } = weatherObservationV1.declaration.fields;
  const renamed = new EventType({
    ...weatherObservationV1.declaration,
    timestamp: 'observed_at',
    fields: { ...others, temp_f: temperature_f },
  });

  it('shows in every form that derives from the declaration', () => {
    expect(renamed.sqlColumns.map(({ name }) => name)).toContain('temp_f');
    expect(renamed.sqlColumns).not.toEqual(weatherObservationV1.sqlColumns);
    expect(renamed.jsonSchema['properties']).not.toHaveProperty('temperature_f');
    expect(renamed.avroSchema.fields.map(({ name }) => name)).not.toContain('temperature_f');
    const sql = readFileSync(new URL('00-sources/weather_stream.sql', sqlFolder), 'utf8');
    expect(declaredColumns(sql)).not.toEqual(renamed.sqlColumns);
  });

  it('is refused by the compiler and by the schema', () => {
    // @ts-expect-error the old name is no field any more
    expect(() => renamed.toRecord('chicago-il', observation)).toThrow(/temp_f/);
    expect(() => renamed.parseValue(JSON.stringify(observation))).toThrow(/temp_f/);
  });
});

describe('every event', () => {
  it.each(eventTypes.filter((eventType) => !rows.includes(eventType.id)))(
    '$id says who it is, when it was, and where it comes from',
    (eventType) => {
      const { fields, timestamp } = eventType.declaration;
      const names = Object.keys(fields);
      expect(names).toEqual(expect.arrayContaining(['event_id', 'source', timestamp]));
      expect(['observed_at', 'issued_at', 'measured_at']).toContain(timestamp);
      // A sensor sends its reading itself; all else was fetched from somebody.
      expect(names.includes('fetched_at')).toBe(timestamp !== 'measured_at');
      expect(names).toContain('state');
    },
  );
});

describe('compatibility', () => {
  it.each(eventTypes)('$id still has everything it was published with', (eventType) => {
    const now = new Map(
      eventType.avroSchema.fields.map(({ name, type }) => [name, typeof type === 'string' ? type : `${type[1]}?`]),
    );
    const then = new Map(published[eventType.id]?.split(', ').map((field) => field.split(' ') as [string, string]));
    expect(then.size).toBeGreaterThan(0);
    for (const [name, type] of then) expect(`${name} ${now.get(name)}`).toBe(`${name} ${type}`);
    for (const [name, type] of now) if (!then.has(name)) expect(type).toMatch(/\?$/);
  });
});

describe('event ids', () => {
  it('are the same for the same parts and differ where parts differ', () => {
    expect(eventId('a', 'b', 1)).toBe(eventId('a', 'b', 1));
    expect(eventId('a', 'b', 1)).toMatch(/^[0-9a-f]{32}$/);
    expect(
      new Set([eventId('a', 'bc'), eventId('a', 'b', 'c'), eventId('ab', 'c'), eventId('a', null, 'bc')]).size,
    ).toBe(4);
  });
});
