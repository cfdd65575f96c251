import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { until } from '@isobar/local-stack/testing';
import { startServerOnKafka, type ServerOnKafka } from './testing/server-on-kafka.js';

const RECORDS = 20_000;
const PARTITIONS = 2;
const QUERIES = 3;
/** Good and bad take turns so often, and the cheapest of each counts: others on the machine only ever add to it. */
const ROUNDS = 2;
/** A dead letter may cost this many times what a good record costs; `npm run bench -- garbage` measures it over a million records. */
const COST_MAX = 3;
/** Of 150,000 letters: lines are sampled by query and ten seconds, so a slow machine writes more of them. */
const LOG_LINES_MAX = 300;

let running: ServerOnKafka;
beforeAll(async () => {
  running = await startServerOnKafka();
}, 120_000);
afterAll(() => running?.stop(), 60_000);

const good = (n: number): string => JSON.stringify({ sensor_id: `s-${n}`, location: 'Boise', temperature: n % 90 });
const bad = (n: number): string => good(n).slice(0, 40);

async function write(topic: string, count: number, value: (n: number) => string): Promise<void> {
  await running.broker.createTopics([{ topic, partitions: PARTITIONS, replicas: 1, config: {} }]);
  const key = Buffer.from('k');
  for (let from = 0; from < count; from += 5_000) {
    await running.broker.write(
      Array.from({ length: Math.min(5_000, count - from) }, (_, i) => {
        const partition = i % PARTITIONS;
        return { topic, partition, key, value: Buffer.from(value(from + i)), timestamp: Date.now(), headers: [] };
      }),
    );
  }
}

const metric = (text: string, pattern: RegExp): number =>
  [...text.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
const metrics = async (): Promise<string> => (await fetch(`${running.server.url}/metrics`)).text();

/** Lets queries read all of a topic, as a stream of that name. @returns CPU seconds of the server */
async function read(topic: string, count: number, stream = topic): Promise<number> {
  const before = metric(await metrics(), /^process_cpu_seconds_total (\S+)$/gm);
  const copies = Array.from(
    { length: QUERIES },
    (_, i) => `CREATE STREAM ${stream}_${i} AS SELECT * FROM ${stream} EMIT CHANGES;`,
  );
  const answer = await fetch(`${running.server.url}/ksql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ksql: `CREATE STREAM ${stream} (sensor_id VARCHAR, location VARCHAR, temperature DOUBLE)
        WITH (kafka_topic='${topic}', value_format='JSON'); ${copies.join(' ')}`,
      streamsProperties: { 'auto.offset.reset': 'earliest' },
    }),
  });
  expect(answer.status).toBe(200);
  const consumed = new RegExp(`^ksql_query_records_consumed_total\\{query="CSAS_${stream}_.*\\} (\\d+)$`, 'gim');
  await until(
    `all of ${topic} is read as ${stream}`,
    120_000,
    async () => metric(await metrics(), consumed) >= count * QUERIES,
  );
  return metric(await metrics(), /^process_cpu_seconds_total (\S+)$/gm) - before;
}

it('records that nobody can read cost little more than good ones, and every one is a dead letter', async () => {
  await running.broker.createTopics([{ topic: 'dead-letters', partitions: 1, replicas: 1, config: {} }]);
  await write('warm', RECORDS, (n) => (n % 2 === 0 ? good(n) : bad(n)));
  await write('fine', RECORDS, good);
  await write('broken', RECORDS, bad);
  await read('warm', RECORDS);
  let [fine, broken] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    fine = Math.min(fine, await read('fine', RECORDS, `fine${round}`));
    broken = Math.min(broken, await read('broken', RECORDS, `broken${round}`));
  }
  expect(broken / fine).toBeLessThan(COST_MAX);
  const letters = QUERIES * (RECORDS / 2 + ROUNDS * RECORDS);
  await until('all dead letters are written', 60_000, async () => {
    const [bound] = await running.broker.bounds('dead-letters');
    return (bound?.end ?? 0) >= letters;
  });
  const failed = metric(await metrics(), /^ksql_query_records_failed_total\{.*\} (\d+)$/gm);
  expect(failed).toBe(letters);
  expect(running.server.output.split('\n').length).toBeLessThan(LOG_LINES_MAX);
}, 400_000);
