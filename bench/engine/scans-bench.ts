import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { randomFreePorts, startTestStack } from '@isobar/local-stack/testing';
import { repositoryRoot, thisMachine, writeResult } from '../machine.js';
import { cpuSeconds, peakRssMb } from '../process-usage.js';
import { fill, jsonRecord } from './input-records.js';

const TOPIC = 'bench-readings';
const STREAM = `CREATE STREAM readings (sensor_id STRING KEY, city STRING, temperature DOUBLE, humidity INT, air_quality INT, battery DOUBLE,
  reading_time BIGINT, status STRING, note STRING) WITH (kafka_topic='TOPIC', key_format='KAFKA', value_format='JSON');`;
/** The part of the input that only warms up. */
const WARM_UP = 0.4;
const SAMPLE_MS = 50;
const STALL_MS = 60_000;
const LIVE_WARM_UP_MS = 5_000;
const LIVE_MS = 10_000;

const usage =
  'npm run bench -- scans [--records 400000] [--filters 50] [--rate 500] [--beside CHECKOUT] [--threads 0] [--json FILE]';

interface Run {
  readonly build: string;
  readonly filters: number;
  /** Records of the topic, each counted once for every filter that read it. */
  readonly readPerCpuSecond: number;
  readonly peakRssMb: number;
  readonly rows: number;
  readonly liveP50Ms: number;
  readonly liveP99Ms: number;
  /** How late the thread of requests was while the queries caught up, 99th percentile; null of a build that does not tell. */
  readonly requestsLateP99Ms: number | null;
}

/** One filter and many on one topic, in turns on this build and on that of another checkout: what sharing fetch and decode is worth. */
export async function scansBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: '400000' },
      filters: { type: 'string', default: '50' },
      rate: { type: 'string', default: '500' },
      beside: { type: 'string' },
      threads: { type: 'string', default: '0' },
      json: { type: 'string' },
    },
  });
  const [records, filters, rate] = [Number(values.records), Number(values.filters), Number(values.rate)];
  if (!(records > 0) || !(filters > 1 && filters <= 100) || !(rate > 0)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const stack = await startTestStack({ parts: ['kafka'] });
  const broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers], clientId: 'bench' });
  const runs: Run[] = [];
  try {
    await fill(broker, 'readings', TOPIC, records);
    for (const count of [1, filters])
      for (const side of sidesOf(values.beside, Number(values.threads))) {
        const run = await measure(broker, stack.kafkaBrokers, { ...side, count, records, rate });
        console.log(JSON.stringify(run));
        runs.push(run);
      }
    const path = await writeResult('scans', values.json, { machine, records, rate, runs });
    console.log(`written to ${path}`);
    return new Set(runs.filter((run) => run.filters === filters).map(({ rows }) => rows)).size > 1 ? 1 : 0;
  } finally {
    await broker.close();
    await stack.stop();
  }
}

interface Side {
  readonly checkout: string;
  readonly build: string;
  /** On which its queries run; 0: where requests are answered. */
  readonly threads: number;
}

function sidesOf(beside: string | undefined, threads: number): readonly Side[] {
  const own = { checkout: repositoryRoot, build: 'this', threads: 0 };
  return [
    ...(beside === undefined ? [] : [{ checkout: beside, build: 'beside', threads: 0 }]),
    own,
    ...(threads > 0 ? [{ ...own, build: 'threads', threads }] : []),
  ];
}

interface Load extends Side {
  readonly count: number;
  readonly records: number;
  readonly rate: number;
}

async function measure(broker: KafkaBroker, brokers: string, load: Load): Promise<Run> {
  const { build, count, records, rate } = load;
  const caughtUp = await withServer(load, brokers, `${build}${count}`, async ({ pid, ksql, groups, lateMs }) => {
    await lateMs();
    await ksql(STREAM.replace('TOPIC', TOPIC) + filtersOf(`${build}-${count}`, count));
    const ids = await groups();
    const done = async (): Promise<number> => {
      let sum = 0;
      for (const id of ids)
        for (const { offset } of await broker.committedOffsets(id, [TOPIC])) sum += Math.max(0, offset);
      return sum;
    };
    let [warm, last, atMs] = [{ read: 0, cpu: 0 }, -1, performance.now()];
    for (;;) {
      await delay(SAMPLE_MS);
      const [read, cpu] = [await done(), cpuSeconds(pid)];
      if (warm.read === 0 && read >= records * count * WARM_UP) warm = { read, cpu };
      if (read >= records * count) {
        const readPerCpuSecond = Math.round((read - warm.read) / (cpu - warm.cpu));
        return { readPerCpuSecond, peakRssMb: Math.round(peakRssMb(pid)), requestsLateP99Ms: await lateMs() };
      }
      if (read > last) [last, atMs] = [read, performance.now()];
      if (performance.now() - atMs > STALL_MS)
        throw new Error(`${build} stopped at ${read} of ${records * count} records`);
    }
  });
  const rows = await countRows(broker, sinksOf(`${build}-${count}`, count));
  const live = await withServer(load, brokers, `live${build}${count}`, ({ ksql }) =>
    liveTimes(broker, `live-${build}-${count}`, count, rate, ksql),
  );
  return { build, filters: count, ...caughtUp, rows, ...live };
}

const sinksOf = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `out-${name}-${n}`);

/** Each passes about one record of a hundred. */
const filtersOf = (name: string, count: number): string =>
  sinksOf(name, count)
    .map(
      (topic, n) =>
        `CREATE STREAM f${n} WITH (kafka_topic='${topic}', value_format='JSON', partitions=1) AS
          SELECT sensor_id, temperature FROM readings WHERE air_quality = ${n} EMIT CHANGES;`,
    )
    .join('\n');

async function countRows(broker: KafkaBroker, topics: readonly string[]): Promise<number> {
  let rows = 0;
  for (const topic of topics) {
    const [{ end = 0 } = {}] = await broker.bounds(topic);
    const reader = await broker.openReader([{ topic, partition: 0, offset: 0 }]);
    for (let next = 0; next < end;)
      for (const part of await reader.poll(500)) {
        rows += part.records.length;
        next = part.nextOffset;
      }
    await reader.close();
  }
  return rows;
}

/** From the time of a reading to its result at a reader, at so many readings a second. */
async function liveTimes(
  broker: KafkaBroker,
  name: string,
  count: number,
  rate: number,
  ksql: (sql: string) => Promise<unknown>,
): Promise<{ liveP50Ms: number; liveP99Ms: number }> {
  await broker.createTopics([{ topic: name, partitions: 4, replicas: 1, config: {} }]);
  await ksql(STREAM.replace('TOPIC', name) + filtersOf(name, count));
  const reader = await broker.openReader(sinksOf(name, count).map((topic) => ({ topic, partition: 0, offset: 0 })));
  const times: number[] = [];
  const fromMs = Date.now() + LIVE_WARM_UP_MS;
  const endMs = fromMs + LIVE_MS;
  const watch = { over: false };
  const reading = (async () => {
    while (!watch.over)
      for (const { records } of await reader.poll(200))
        for (const { timestamp } of records)
          if (timestamp >= fromMs && timestamp < endMs) times.push(Date.now() - timestamp);
  })();
  const writes: Promise<unknown>[] = [];
  const startedMs = Date.now();
  for (let sent = 0; Date.now() < endMs; await delay(10)) {
    const batch = [];
    for (; sent < ((Date.now() - startedMs) / 1_000) * rate; sent++) {
      const timestamp = Date.now();
      batch.push({ topic: name, timestamp, headers: [], ...jsonRecord('readings', Math.random, timestamp, sent) });
    }
    writes.push(broker.write(batch));
  }
  await Promise.all(writes);
  await delay(2_000);
  watch.over = true;
  await reading;
  await reader.close();
  times.sort((a, b) => a - b);
  const at = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? NaN;
  return { liveP50Ms: at(0.5), liveP99Ms: at(0.99) };
}

interface Server {
  readonly pid: number;
  ksql(sql: string): Promise<unknown>;
  /** The consumer groups of its queries. */
  groups(): Promise<readonly string[]>;
  /** See `Run.requestsLateP99Ms`; since the last call. */
  lateMs(): Promise<number | null>;
}

async function withServer<T>(
  { checkout, threads }: Side,
  brokers: string,
  id: string,
  work: (server: Server) => Promise<T>,
): Promise<T> {
  const [port = 0] = await randomFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(checkout, 'apps', 'ksql-server', 'dist', 'main.js')], {
    env: {
      PATH: process.env['PATH'] ?? '',
      KAFKA_BROKERS: brokers,
      KSQL_SERVICE_ID: `${id}_`,
      KSQL_COMMIT_INTERVAL_MS: '100',
      KSQL_KSQL_STREAMS_NUM_STREAM_THREADS: String(threads),
      LOG_LEVEL: 'warn',
      PORT: String(port),
    },
    stdio: 'ignore',
  });
  const killOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killOnExit);
  const ksql = async (sql: string): Promise<unknown> => {
    const answer = await fetch(`${url}/ksql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ksql: sql, streamsProperties: { 'auto.offset.reset': 'earliest' } }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  };
  try {
    const deadlineMs = performance.now() + 60_000;
    while (!(await fetch(`${url}/readyz`).catch(() => undefined))?.ok) {
      if (child.exitCode !== null || performance.now() > deadlineMs)
        throw new Error(`${checkout}: the server is not ready`);
      await delay(20);
    }
    const groups = async (): Promise<readonly string[]> => {
      const [{ queries }] = (await ksql('SHOW QUERIES;')) as [{ queries: readonly { id: string }[] }];
      return queries.map((query) => `_confluent-ksql-${id}_query_${query.id}`);
    };
    const lateMs = async (): Promise<number | null> => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const seconds = /^nodejs_eventloop_lag_p99_seconds (.*)$/m.exec(text)?.[1];
      return seconds === undefined ? null : Math.round(Number(seconds) * 1_000);
    };
    return await work({ pid: child.pid ?? 0, ksql, groups, lateMs });
  } finally {
    process.removeListener('exit', killOnExit);
    if (child.exitCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }
}
