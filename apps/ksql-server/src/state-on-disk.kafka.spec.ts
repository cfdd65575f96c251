import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from './testing/server-process.js';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

const PARTITIONS = 4;
const KEYS = 200;
const ROUNDS = 6;
const ROUND_RECORDS = 2_000;
const WINDOW_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'isobar-state-'));
let running: ServerOnKafka;
beforeAll(async () => {
  running = await startServerOnKafka({ KSQL_STATE_DIR: folder, LOG_LEVEL: 'info' });
}, 120_000);
afterAll(async () => {
  await running?.stop();
  rmSync(folder, { recursive: true });
}, 60_000);

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${running.server.url}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'gm'))].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );
};

/** The counts that were told of each key, in their order. */
async function told(topic: string): Promise<Map<string, number[]>> {
  const bounds = await running.broker.bounds(topic);
  const reader = await running.broker.openReader(
    bounds.map(({ partition, start: offset }) => ({ topic, partition, offset })),
  );
  const left = new Map(bounds.filter(({ start, end }) => end > start).map(({ partition, end }) => [partition, end]));
  const found = new Map<string, number[]>();
  while (left.size > 0) {
    for (const { partition, records, nextOffset } of await reader.poll(200)) {
      for (const { key, value } of records) {
        const id = Buffer.from(key ?? []).toString('latin1');
        found.set(id, [...(found.get(id) ?? []), (JSON.parse(Buffer.from(value ?? []).toString()) as { N: number }).N]);
      }
      if (nextOffset >= (left.get(partition) ?? 0)) left.delete(partition);
    }
  }
  await reader.close();
  return found;
}

it('a server that is killed again and again goes on from its files and the rest of the changelogs', async () => {
  const { broker, server } = running;
  await broker.createTopics([{ topic: 'readings', partitions: PARTITIONS, replicas: 1, config: {} }]);
  await server.ksql(
    `CREATE STREAM readings (k STRING KEY, v INT) WITH (kafka_topic='readings', value_format='JSON', key_format='KAFKA');
     CREATE TABLE counts WITH (kafka_topic='counts') AS SELECT k, COUNT(*) AS n FROM readings GROUP BY k;
     CREATE TABLE windows WITH (kafka_topic='windows') AS SELECT k, COUNT(*) AS n FROM readings
       WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 1 DAY) GROUP BY k;`,
    { 'auto.offset.reset': 'earliest', 'ksql.streams.cache.max.bytes.buffering': '100000' },
  );
  const startMs = Math.floor(Date.now() / WINDOW_MS) * WINDOW_MS - 60 * WINDOW_MS;
  let written = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let n = 0; n < ROUND_RECORDS; n += 100) {
      const records = Array.from({ length: 100 }, () => {
        const key = Buffer.from(`key-${(written * 7) % KEYS}`);
        const timestamp = startMs + (written++ % 20) * WINDOW_MS;
        return { topic: 'readings', key, value: Buffer.from('{"V":1}'), timestamp, headers: [] };
      });
      await broker.write(records);
      await delay(100);
    }
    await delay(Math.random() * 2_500);
    await server.end('SIGKILL');
    await server.start();
  }
  const each = (ROUNDS * ROUND_RECORDS) / KEYS;
  await eventually('the results are those of all records', 60_000, async () => {
    const counts = await told('counts');
    expect([...counts.values()].map((all) => all.at(-1))).toEqual(Array.from({ length: KEYS }, () => each));
    const windows = await told('windows');
    expect([...windows.values()].reduce((sum, all) => sum + (all.at(-1) ?? 0), 0)).toBe(ROUNDS * ROUND_RECORDS);
    // None was told twice, and none went back.
    for (const all of [...counts.values(), ...windows.values()])
      expect(all.filter((count, at) => count <= (all[at - 1] ?? 0))).toEqual([]);
  });
  expect(await metric('ksql_query_state_bytes')).toBeGreaterThan(10_000);
  // Nothing that was stored is read again.
  await delay(2_500);
  await server.end('SIGTERM');
  await server.start();
  await eventually('both run', 30_000, async () => expect(await metric('ksql_query_running')).toBe(2));
  const changelogs = [...(await broker.listTopics()).keys()].filter((topic) => topic.endsWith('-changelog'));
  const ends = (await Promise.all(changelogs.map((topic) => broker.bounds(topic)))).flat();
  const all = ends.reduce((sum, { end }) => sum + end, 0);
  expect(all).toBeGreaterThan(3_000);
  expect(await metric('ksql_query_restore_records')).toBeLessThan(all / 20);
  expect(server.output).not.toMatch(/is not used|damaged/);
}, 240_000);

it('a second server on the same folder is refused', async () => {
  const second = ServerProcess.start({
    KAFKA_BROKERS: running.kafkaBrokers,
    KSQL_SERVICE_ID: 'other_',
    KSQL_STATE_DIR: folder,
  });
  await expect(second).rejects.toThrow(/the state folder .* is used by process \d+; each server needs its own/);
}, 60_000);

it('what is dropped leaves no files', async () => {
  const states = (): readonly string[] => readdirSync(folder).filter((name) => name.includes('query_'));
  expect(states()).toHaveLength(2);
  await running.server.ksql('DROP TABLE windows;');
  await eventually('its files are gone', 20_000, () => expect(states()).toHaveLength(1));
}, 60_000);
