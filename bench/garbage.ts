import { createKafka, silentLog } from '@isobar/kafka';
import { randomFreePorts, startTestStack, until } from '@isobar/local-stack/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { repositoryRoot, thisMachine, writeResult } from './machine.js';
import { cpuSeconds, peakRssMb } from './process-usage.js';

const usage = 'npm run bench -- garbage [--records 1000000] [--queries 3]';
const partitions = 4;
const batch = 10_000;
const recordsPerSecondMin = 20_000;
const restMsMax = 100;
/** A dead letter may cost this many times what a good record costs. */
const costMax = 3;

interface Pass {
  readonly recordsPerSecond: number;
  /** Of the server, per record and query. */
  readonly cpuMicroseconds: number;
  readonly restMsMax: number;
  readonly restMsP99: number;
  readonly rssMb: number;
}

/** Records that no query can read, against as many good ones, and how quickly REST answers meanwhile. */
export async function garbageBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: '1000000' },
      queries: { type: 'string', default: '3' },
      json: { type: 'string' },
    },
  });
  const [records, queries] = [Number(values.records), Number(values.queries)];
  if (!(records >= batch) || !(queries > 0)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const stack = await startTestStack({ parts: ['kafka'] });
  const kafka = createKafka({ brokers: [stack.kafkaBrokers], clientId: 'bench', log: silentLog });
  const admin = kafka.admin();
  const producer = kafka.producer();
  const [port = 0] = await randomFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(process.execPath, [join(repositoryRoot, 'apps/ksql-server/dist/main.js')], {
    cwd: repositoryRoot,
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      KAFKA_BROKERS: stack.kafkaBrokers,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const pid = server.pid ?? 0;
  try {
    await until('the server is ready', 30_000, async () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    await admin.connect();
    await producer.connect();
    await admin.createTopics({
      waitForLeaders: false,
      topics: ['warm', 'good', 'bad'].map((topic) => ({ topic, numPartitions: partitions })),
    });
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic: 'dead-letters', numPartitions: 1 }] });
    const write = async (topic: string, count: number, value: (n: number) => string): Promise<void> => {
      for (let from = 0; from < count; from += batch) {
        const messages = Array.from({ length: batch }, (_, i) => ({
          key: `s-${(from + i) % 997}`,
          value: value(from + i),
        }));
        await producer.send({ topic, messages });
      }
    };
    await write('warm', Math.min(records, 50_000), (n) => (n % 2 === 0 ? good(n) : bad(n)));
    await write('good', records, good);
    await write('bad', records, bad);
    await run(url, pid, 'warm', Math.min(records, 50_000), queries);
    const passes = {
      good: await run(url, pid, 'good', records, queries),
      garbage: await run(url, pid, 'bad', records, queries),
    };
    console.log('          records/s  µs CPU/record  REST max ms  p99 ms  memory MB');
    for (const [name, pass] of Object.entries(passes)) console.log(line(name, pass));
    const cost = passes.garbage.cpuMicroseconds / passes.good.cpuMicroseconds;
    console.log(`a dead letter costs ${cost.toFixed(2)} times a good record`);
    const path = await writeResult('garbage', values.json, { machine, records, queries, passes, cost });
    console.log(`written to ${path}`);
    const { recordsPerSecond, restMsMax: slowestMs } = passes.garbage;
    return recordsPerSecond >= recordsPerSecondMin && slowestMs <= restMsMax && cost <= costMax ? 0 : 1;
  } finally {
    await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
    const ended = once(server, 'exit');
    if (server.kill('SIGTERM')) await ended;
    await stack.stop();
  }
}

const good = (n: number): string =>
  JSON.stringify({ sensor_id: `s-${n % 997}`, location: 'Boise', temperature: 70 + (n % 30), air_quality: n % 300 });
/** What a device sends that restarts in the middle of a reading. */
const bad = (n: number): string => good(n).slice(0, 60);

/** Lets queries read a topic from its start, and asks the server all the while. */
async function run(url: string, pid: number, topic: string, records: number, queries: number): Promise<Pass> {
  const names = Array.from({ length: queries }, (_, i) => `${topic}_copy_${i}`);
  const cpuBefore = cpuSeconds(pid);
  const startedMs = performance.now();
  await statement(
    url,
    [
      `CREATE STREAM ${topic} (sensor_id VARCHAR, location VARCHAR, temperature DOUBLE, air_quality INT)
         WITH (kafka_topic='${topic}', value_format='JSON');`,
      ...names.map((name) => `CREATE STREAM ${name} AS SELECT * FROM ${topic} EMIT CHANGES;`),
    ].join('\n'),
  );
  const answersMs: number[] = [];
  let consumed = 0;
  while (consumed < records * queries) {
    const askedMs = performance.now();
    const metrics = await (await fetch(`${url}/metrics`)).text();
    answersMs.push(performance.now() - askedMs);
    consumed = [
      ...metrics.matchAll(new RegExp(`^ksql_query_records_consumed_total\\{query="CSAS_${topic}_.*\\} (\\d+)$`, 'gim')),
    ]
      .map(([, count]) => Number(count))
      .reduce((sum, count) => sum + count, 0);
    await delay(20);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  // The last commit is part of the cost.
  await delay(1_000);
  answersMs.sort((a, b) => a - b);
  return {
    recordsPerSecond: Math.round(records / seconds),
    cpuMicroseconds: ((cpuSeconds(pid) - cpuBefore) * 1e6) / (records * queries),
    restMsMax: Math.round(answersMs.at(-1) ?? 0),
    restMsP99: Math.round(answersMs[Math.floor(answersMs.length * 0.99)] ?? 0),
    rssMb: Math.round(peakRssMb(pid)),
  };
}

async function statement(url: string, ksql: string): Promise<void> {
  const answer = await fetch(`${url}/ksql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ksql, streamsProperties: { 'auto.offset.reset': 'earliest' } }),
  });
  if (!answer.ok) throw new Error(await answer.text());
}

const line = (name: string, pass: Pass): string =>
  [
    name.padEnd(8),
    String(pass.recordsPerSecond).padStart(9),
    pass.cpuMicroseconds.toFixed(2).padStart(13),
    String(pass.restMsMax).padStart(11),
    String(pass.restMsP99).padStart(6),
    String(pass.rssMb).padStart(9),
  ].join('  ');
