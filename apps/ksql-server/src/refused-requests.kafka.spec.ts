import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { ServerProcess } from './testing/server-process.js';

let stack: TestStack;
let server: ServerProcess;
beforeAll(async () => {
  stack = await startTestStack({ parts: ['kafka'], kafkaProperties: { 'delete.topic.enable': 'false' } });
  server = await ServerProcess.start({ KAFKA_BROKERS: stack.kafkaBrokers });
  await server.ksql(
    "CREATE STREAM taps (k VARCHAR KEY, v INT) WITH (KAFKA_TOPIC='taps.all', VALUE_FORMAT='JSON', PARTITIONS=1);",
  );
}, 120_000);
afterAll(async () => {
  await server?.end('SIGTERM');
  await stack?.stop();
}, 60_000);

const made = (topic: string, more = ''): string =>
  `CREATE STREAM refused (v INT) WITH (KAFKA_TOPIC='${topic}', VALUE_FORMAT='JSON', PARTITIONS=1${more});`;

const notMade = (topic: string): string => `^Failed to guarantee existence of topic ${topic}\nCaused by: `;

/** What the broker refuses, and what the answer says: its own words. */
const refused: readonly [what: string, sql: string, message: string][] = [
  ['more replicas than brokers', made('t', ', REPLICAS=3'), `${notMade('t')}.*only 1 broker`],
  ['no replica', made('t', ', REPLICAS=0'), `${notMade('t')}Replication factor must be larger than 0`],
  ['letters that no topic may have', made('a topic'), `${notMade('a topic')}.*characters other than ASCII`],
  ['a name that is a place', made('..'), `${notMade('\\.\\.')}.*is not allowed`],
  ['a name that is too long', made('t'.repeat(300)), `${notMade('t{300}')}.*(length|longer)`],
  ['a name that another is too like', made('taps_all'), `${notMade('taps_all')}.*collides with.*taps\\.all`],
  [
    'a setting out of bounds',
    made('t', ', RETENTION_MS=-5'),
    `${notMade('t')}Invalid value -5 for configuration retention.ms`,
  ],
  [
    'a table',
    "CREATE TABLE refused (k INT PRIMARY KEY, v INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', PARTITIONS=1, REPLICAS=3);",
    `${notMade('t')}.*only 1 broker`,
  ],
  [
    'the topic of a query',
    'CREATE STREAM refused WITH (REPLICAS=3) AS SELECT * FROM taps EMIT CHANGES;',
    `${notMade('REFUSED')}.*only 1 broker`,
  ],
  ['that topics are deleted', 'DROP STREAM taps DELETE TOPIC;', '^delete topics: .*disabled'],
];

it.each(refused)('%s: the answer has the words of the broker, and the statement', async (_, sql, message) => {
  const response = await server.post('/ksql', { ksql: sql });
  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    '@type': 'statement_error',
    error_code: 50000,
    message: expect.stringMatching(new RegExp(message)),
    statementText: sql,
    entities: [],
  });
});
