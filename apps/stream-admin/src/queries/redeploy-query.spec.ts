import { type PipelineObject, SqlFileError } from '@isobar/pipeline';
import { afterEach, expect, it } from '@jest/globals';
import { Problem } from '@isobar/service-kit';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JournalUnwritableError } from '../topics/write-entries.js';
import { PipelineState } from './pipeline-state.js';
import { RedeployQuery } from './redeploy-query.js';

/* Readings got six partitions; the results on both sides of the join with them have three. */
const files = {
  '1-readings.sql':
    "CREATE STREAM readings (id VARCHAR KEY, v INT) WITH (KAFKA_TOPIC = 'readings', VALUE_FORMAT = 'JSON');",
  '2-weather.sql':
    "CREATE TABLE weather (id VARCHAR PRIMARY KEY) WITH (KAFKA_TOPIC = 'weather', VALUE_FORMAT = 'JSON');",
  '3-counts.sql':
    "CREATE TABLE counts WITH (KAFKA_TOPIC = 'counts') AS\n  SELECT id, COUNT(*) AS n FROM readings GROUP BY id;",
  '4-sky.sql': "CREATE TABLE sky WITH (KAFKA_TOPIC = 'sky') AS SELECT id FROM weather;",
  '5-seen.sql':
    'CREATE STREAM seen AS SELECT r.id AS id, n FROM readings r LEFT JOIN counts c ON r.id = c.id LEFT JOIN sky s ON r.id = s.id;',
};
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

const partitionsIn = (sql: string): number => Number(/PARTITIONS = (\d+)/.exec(sql)?.[1] ?? 3);

/** An engine that joins what has equally many partitions. @param declared topics whose partitions are declared elsewhere */
function redeployment(
  changes: Partial<Record<keyof typeof files, string>> = {},
  declared: readonly string[] = [],
  failure?: Error,
) {
  const folder = mkdtempSync(join(tmpdir(), 'redeploy-'));
  folders.push(folder);
  for (const [name, sql] of Object.entries({ ...files, ...changes })) writeFileSync(join(folder, name), sql);
  const ran: { names: string[]; drops: readonly string[]; sql: string[] }[] = [];
  const counts: Record<string, number> = { READINGS: 6, COUNTS: 3, SKY: 3 };
  const batch = {
    run: async (objects: readonly PipelineObject[], _action: string, drops: readonly string[]) => {
      if (failure) throw failure;
      const planned = { ...counts };
      for (const { name, isQuery, sql } of objects) if (isQuery) planned[name] = partitionsIn(sql);
      const seen = objects.find(({ name }) => name === 'SEEN');
      for (const side of seen === undefined ? [] : ['COUNTS', 'SKY']) {
        if (planned[side] === planned['READINGS']) continue;
        throw new SqlFileError(
          seen?.file ?? '',
          undefined,
          `Can't join \`READINGS\` with \`${side}\` since the number of partitions don't match. \`READINGS\` partitions = ${planned['READINGS']}; \`${side}\` partitions = ${planned[side]}. Please repartition either one so that the number of partitions match.`,
        );
      }
      ran.push({ names: objects.map(({ name }) => name), drops, sql: objects.map(({ sql }) => sql) });
    },
  };
  const present = new Map(
    ['READINGS', 'WEATHER', 'COUNTS', 'SKY', 'SEEN'].map((name) => [
      name,
      {
        kind: ['READINGS', 'SEEN'].includes(name) ? 'STREAM' : 'TABLE',
        topic: name === 'SEEN' ? name : name.toLowerCase(),
      },
    ]),
  );
  const query = new RedeployQuery(
    { KSQL_DIR: folder } as never,
    { info: () => undefined } as never,
    new PipelineState(),
    { forget: () => undefined, objects: async () => present } as never,
    { hold: (_what: string, work: () => Promise<unknown>) => work() } as never,
    batch as never,
    { refresh: async () => undefined } as never,
    {
      isDeclared: (topic: string) => declared.includes(topic),
      whileMadeAnew: async (names: readonly string[], work: () => Promise<void>) => {
        await work();
        return names.map((topic) => ({ topic, partitions: 3, records: 9 }));
      },
    } as never,
  );
  return { query, ran };
}

const refusal = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (error instanceof Problem) return error;
  throw new Error('no problem');
};

it('makes the topics anew that a join needs with other partitions, a side that is read from elsewhere too, and says so', async () => {
  const { query, ran } = redeployment();
  expect(await query.run('COUNTS')).toEqual({
    redeployed: ['COUNTS', 'SKY', 'SEEN'],
    erased: [
      { topic: 'sky', partitions: 3, newPartitions: 6, records: 9 },
      { topic: 'counts', partitions: 3, newPartitions: 6, records: 9 },
    ],
  });
  expect(ran.map(({ drops }) => drops)).toEqual([
    ['DROP STREAM `SEEN`;', 'DROP TABLE `SKY` DELETE TOPIC;', 'DROP TABLE `COUNTS` DELETE TOPIC;'],
  ]);
  expect(ran[0]?.sql[0]).toBe(
    "CREATE TABLE counts WITH (PARTITIONS = 6, KAFKA_TOPIC = 'counts') AS\n  SELECT id, COUNT(*) AS n FROM readings GROUP BY id;",
  );
});

it('erases nothing where no join asks for it', async () => {
  const { query, ran } = redeployment({ '5-seen.sql': 'CREATE STREAM other AS SELECT id FROM readings;' });
  expect(await query.run('COUNTS')).toEqual({ redeployed: ['COUNTS'], erased: [] });
  expect(ran[0]?.drops).toEqual(['DROP TABLE `COUNTS`;']);
});

it.each([
  ['a declared topic', {}, ['sky'], 'Give the topic sky 6 partitions, as the other side of the join has, and redeploy'],
  [
    'a number in the file',
    { '4-sky.sql': 'CREATE TABLE sky WITH (PARTITIONS = 3) AS SELECT id FROM weather;' },
    [],
    'Correct PARTITIONS in 4-sky.sql and redeploy',
  ],
])('says what helps where the number is not its own to choose: %s', async (_case, changes, declared, text) => {
  const { query, ran } = redeployment(changes, declared);
  const { problem } = await refusal(query.run('COUNTS'));
  expect(problem.fix).toEqual({ text });
  expect(problem.detail).toMatch(/^5-seen\.sql: Can't join `READINGS` with `SKY`/);
  expect(ran).toEqual([]);
});

it.each([
  [false, /nothing was changed$/, /then try again$/],
  [true, /^The redeployment was done/, /at the next start of stream-admin$/],
])('says whether it was done when the journal cannot be written: %s', async (isAfterChange, title, fix) => {
  const { query } = redeployment({}, [], new JournalUnwritableError('its disk is full', isAfterChange));
  const refused = await refusal(query.run('COUNTS'));
  expect(refused.getStatus()).toBe(503);
  expect(refused.problem).toMatchObject({
    title: expect.stringMatching(title),
    detail: 'the journal of deployments cannot be written: its disk is full',
    fix: { text: expect.stringMatching(fix) },
  });
});
