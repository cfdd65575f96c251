import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPipelineSuite } from './pipeline-suite.js';

const sql = {
  readings: `CREATE STREAM readings (sensor_id VARCHAR KEY, event_id VARCHAR, city_key VARCHAR, measured_at BIGINT)
    WITH (KAFKA_TOPIC = 'iot-sensors', VALUE_FORMAT = 'JSON', TIMESTAMP = 'measured_at');`,
  checked: `CREATE STREAM checked WITH (KAFKA_TOPIC = 'checked-readings', VALUE_FORMAT = 'JSON') AS
    SELECT sensor_id AS sensor, AS_VALUE(sensor_id) AS sensor_id, event_id, measured_at, measured_at - UNIX_TIMESTAMP() AS ahead_ms
    FROM readings EMIT CHANGES;`,
  cities: `CREATE TABLE cities WITH (KAFKA_TOPIC = 'city-sensors', VALUE_FORMAT = 'JSON') AS
    SELECT city_key, LATEST_BY_OFFSET(event_id) AS event_id, COUNT(*) AS readings
    FROM readings GROUP BY city_key EMIT CHANGES;`,
};

const NOON_MS = 1_795_986_000_000;
const MINUTE_MS = 60_000;

const reading = (sensor: string, event: string, city: string, afterMs: number) => ({
  topic: 'iot-sensors',
  key: sensor,
  value: JSON.stringify({ event_id: event, city_key: city, measured_at: NOON_MS + afterMs }),
  timestamp: String(NOON_MS + afterMs),
});

const answer = (key: string, afterMs: number, value: object) => ({
  partition: 0,
  offset: 0,
  timestamp: NOON_MS + afterMs,
  key,
  value: JSON.stringify(value),
});

/** What `checked` tells of a reading. */
const checked = (sensor: string, event: string, afterMs: number, aheadMs: number) =>
  answer(sensor, afterMs, {
    SENSOR_ID: sensor,
    EVENT_ID: event,
    MEASURED_AT: NOON_MS + afterMs,
    AHEAD_MS: aheadMs,
  });

/** The sensors s-1 and s-3 are of one partition, s-2 is of another. */
const phases = [
  { phase: 'one', records: [reading('s-1', 'e1', 'reno', 0), reading('s-3', 'e2', 'reno', 1)] },
  { phase: 'two', records: [reading('s-1', 'e3', 'ely', 2), reading('s-2', 'e4', 'ely', 50 * MINUTE_MS)] },
];
const answers = {
  'checked-readings': [
    checked('s-1', 'e1', 0, 0),
    checked('s-3', 'e2', 1, 1),
    checked('s-1', 'e3', 2, 2),
    checked('s-2', 'e4', 50 * MINUTE_MS, 50 * MINUTE_MS),
  ],
  'city-sensors': [
    answer('reno', 0, { EVENT_ID: 'e1', READINGS: 1 }),
    answer('reno', 1, { EVENT_ID: 'e2', READINGS: 2 }),
    answer('ely', 2, { EVENT_ID: 'e3', READINGS: 1 }),
    answer('ely', 50 * MINUTE_MS, { EVENT_ID: 'e4', READINGS: 2 }),
  ],
};

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-pipeline-'));
  await mkdir(join(folder, 'ksql'));
  await mkdir(join(folder, 'results'));
  for (const [name, text] of Object.entries(sql)) await writeFile(join(folder, 'ksql', `${name}.sql`), text);
});

afterEach(() => rm(folder, { recursive: true }));

async function run(sent: readonly object[], results: Readonly<Record<string, readonly object[]>>, filter?: string) {
  await writeFile(join(folder, 'phases.json'), JSON.stringify(sent));
  for (const [topic, rows] of Object.entries(results))
    await writeFile(join(folder, 'results', `${topic}.json`), JSON.stringify(rows));
  const found = await runPipelineSuite(join(folder, 'ksql'), { casesFolder: folder, filter }, {});
  return found.map(({ file, name, outcome, reason }) =>
    [`${outcome} ${file}: ${name}`, reason].filter((text) => text !== '').join(': '),
  );
}

describe('the recorded pipeline', () => {
  it('passes where each result is as recorded', async () => {
    expect(await run(phases, answers)).toEqual([
      'passed checked-readings: all rows of s-1 s-1',
      'passed checked-readings: all rows of s-2 s-2',
      'passed checked-readings: all rows of s-3 s-3',
      // Its readings are in two partitions, which nothing orders.
      'passed city-sensors: last row of ely',
      'passed city-sensors: last row of reno',
      'passed city-sensors: all rows of reno',
    ]);
    expect(await run(phases, answers, 'ely')).toEqual(['passed city-sensors: last row of ely']);
  });

  it('fails with a row that differs, and with one that is missing', async () => {
    const [first, second, ...rest] = answers['city-sensors'];
    const planted = answer('reno', 1, { EVENT_ID: 'e2', READINGS: 3 });
    expect(await run(phases, { ...answers, 'city-sensors': [first, planted, ...rest] as object[] })).toEqual(
      expect.arrayContaining([
        'failed city-sensors: last row of reno: READINGS: theirs 3, ours 2',
        'failed city-sensors: all rows of reno: READINGS: theirs 3, ours 2',
      ]),
    );
    const shorter = await run(phases, { ...answers, 'city-sensors': [second, ...rest] as object[] });
    expect(shorter.filter((text) => text.startsWith('failed'))).toEqual([
      `failed city-sensors: all rows of reno: ROW: theirs none, ours {ROWTIME:${NOON_MS},EVENT_ID:"e1",READINGS:1}`,
    ]);
  });

  it('sends the reading from a clock that is ahead at the time of its answer, but only one', async () => {
    const [one, two] = phases;
    const written = (event: string, sensor: string) =>
      (two?.records ?? []).map((sent) => (sent.key === sensor ? reading(sensor, event, 'ely', 77 * MINUTE_MS) : sent));
    const later = [one, { phase: 'two', records: written('e4', 's-2') }] as object[];
    expect((await run(later, answers)).every((text) => text.startsWith('passed'))).toBe(true);
    const both = { phase: 'two', records: [...written('e4', 's-2'), reading('s-3', 'e2', 'ely', 9)] };
    await expect(run([one, both] as object[], answers)).rejects.toThrow(
      'Readings e4 and e2 both have other times than their answers',
    );
  });

  it('feeds what is no reading as it is', async () => {
    const garbage = ['not json', '[1,2]'].map((value) => ({ ...reading('s-1', 'e0', 'x', 0), value }));
    expect(await run([{ phase: 'garbage', records: garbage }, ...phases], answers)).toHaveLength(6);
  });

  it('says what a recording lacks', async () => {
    await expect(run(phases, {})).rejects.toThrow('expected one file TOPIC.json each');
    await expect(run(phases, { ...answers, unheard: [] })).rejects.toThrow('Nothing is known of unheard');
    await writeFile(join(folder, 'results', 'city-sensors.json'), 'no');
    await expect(run(phases, {})).rejects.toThrow('city-sensors.json is not JSON');
  });
});
