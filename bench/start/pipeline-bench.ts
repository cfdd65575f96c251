import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import type { StackState } from '@isobar/local-stack';
import { thisMachine, writeResult } from '../machine.js';
import { isobar, status, up } from './isobar.js';

const CITIES = 5;
const READINGS = 'iot-sensors';
const SENSOR_INTERVAL_MS = 1_000;
/** The slowest pace that sensors can be given. */
const SLOWEST_INTERVAL_MS = 3_600_000;
/** Sensors that start make up for their first interval at once. */
const EVEN_AFTER_MS = 5_000;
const HEALTH_EVERY_MS = 500;
const LAG_EVERY_MS = 1_000;
const DRAIN_MAX_MS = 600_000;

const HEALTH_MS_GOAL = 500;
const DRAINED_MS_GOAL = 30_000;
/** Less than this share of the readings due, and the sensors were no load to speak of. */
const KEPT_UP_MIN = 0.95;

const usage = 'npm run bench -- pipeline [--readings-per-second 5000] [--seconds 100] [--json FILE]';

/** Every reading through the whole stack, at a pace far above that of a usual city. */
export async function pipelineBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'readings-per-second': { type: 'string', default: '5000' },
      seconds: { type: 'string', default: '100' },
      json: { type: 'string' },
    },
  });
  const [perSecond, seconds] = [Number(values['readings-per-second']), Number(values.seconds)];
  if (!(perSecond >= CITIES) || !(seconds > 0)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const home = mkdtempSync(join(tmpdir(), 'isobar-bench-pipeline-'));
  chmodSync(home, 0o755); // PostgreSQL runs as another user, who has to get in
  try {
    const load = await pipelineLoad(home, perSecond, seconds);
    const { readingsPerSecond, healthMs, infoMs, failures, lagAtEnd, drainedMs } = load;
    console.log(
      `${readingsPerSecond.toFixed(0)} readings/s for ${seconds} s; behind by ${lagAtEnd} records at their end, all read ${(drainedMs / 1000).toFixed(1)} s later (goal 30)`,
    );
    console.log(
      `stream-admin's health: p50 ${healthMs.p50} ms, p99 ${healthMs.p99}, max ${healthMs.max} (goal 500); ksql-server's info: ${infoMs.p50}, ${infoMs.p99}, ${infoMs.max}; ${failures} without an answer`,
    );
    const path = await writeResult('pipeline', values.json, { machine, ...load });
    console.log(`written to ${path}`);
    const isReached =
      readingsPerSecond >= KEPT_UP_MIN * perSecond &&
      healthMs.max <= HEALTH_MS_GOAL &&
      drainedMs <= DRAINED_MS_GOAL &&
      failures === 0;
    return isReached ? 0 : 1;
  } finally {
    await isobar(home, ['down']).catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  }
}

interface PipelineLoad {
  readonly readingsPerSecond: number;
  readonly forSeconds: number;
  readonly healthMs: Spread;
  readonly infoMs: Spread;
  /** Answers of stream-admin's health and of ksql-server that were no answers. */
  readonly failures: number;
  readonly lagAtEnd: number;
  /** From the end of the load until every group has read what was written by then. */
  readonly drainedMs: number;
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * The whole stack under `readingsPerSecond` for some time: how soon stream-admin's health and ksql-server answer meanwhile, and how soon
 * everything written is read once the sensors slow down.
 */
async function pipelineLoad(home: string, readingsPerSecond: number, forSeconds: number): Promise<PipelineLoad> {
  await up(home, undefined, {
    SENSORS_PER_CITY: String(Math.round((readingsPerSecond * SENSOR_INTERVAL_MS) / 1_000 / CITIES)),
    SENSOR_INTERVAL_MS: String(SENSOR_INTERVAL_MS),
  });
  const { addresses } = await status(home);
  const broker = new KafkaBroker({ bootstrap: [addressOf(addresses, 'KAFKA_BROKERS')], clientId: 'bench' });
  const [admin, ksql] = [addressOf(addresses, 'STREAM_ADMIN_URL'), addressOf(addresses, 'KSQLDB_URL')];
  try {
    await delay(EVEN_AFTER_MS);
    const written = async (): Promise<number> => (await broker.bounds(READINGS)).reduce((sum, { end }) => sum + end, 0);
    const [before, startedMs] = [await written(), performance.now()];
    const watch = { over: false };
    const health = answerTimes(`${admin}/health`, watch);
    const info = answerTimes(`${ksql}/info`, watch);
    await delay(forSeconds * 1_000);
    const reached = ((await written()) - before) / ((performance.now() - startedMs) / 1_000);
    await setPace(addressOf(addresses, 'SENSOR_SIM_URL'), SLOWEST_INTERVAL_MS);
    const slowedMs = performance.now();
    const lagAtEnd = sum(await lags(admin));
    const ends = await endsOf(broker);
    while (!(await isRead(broker, await groupIds(admin), ends))) {
      if (performance.now() - slowedMs > DRAIN_MAX_MS)
        throw new Error(`after ${DRAIN_MAX_MS / 1_000} s not everything is read: ${await isobar(home, ['groups'])}`);
      await delay(LAG_EVERY_MS);
    }
    const drainedMs = performance.now() - slowedMs;
    watch.over = true;
    const [healthTimes, infoTimes] = [await health, await info];
    return {
      readingsPerSecond: reached,
      forSeconds,
      healthMs: spread(healthTimes.ms),
      infoMs: spread(infoTimes.ms),
      failures: healthTimes.failures + infoTimes.failures,
      lagAtEnd,
      drainedMs,
    };
  } finally {
    await broker.close();
  }
}

function addressOf(addresses: StackState['addresses'], name: string): string {
  const address = addresses[name];
  if (address === undefined) throw new Error(`the stack has no address ${name}`);
  return address;
}

async function answerTimes(
  url: string,
  watch: { readonly over: boolean },
): Promise<{ ms: number[]; failures: number }> {
  const ms: number[] = [];
  let failures = 0;
  while (!watch.over) {
    const startedMs = performance.now();
    const isAnswered = await fetch(url)
      .then(async (answer) => (await answer.text()) !== '')
      .catch(() => false);
    ms.push(performance.now() - startedMs);
    if (!isAnswered) failures++;
    await delay(HEALTH_EVERY_MS);
  }
  return { ms, failures };
}

async function setPace(sensorSim: string, intervalMs: number): Promise<void> {
  const answer = await fetch(`${sensorSim}/settings/interval`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ intervalMs }),
  });
  if (!answer.ok) throw new Error(`the pace was not taken: ${answer.status} ${await answer.text()}`);
}

interface Group {
  readonly id: string;
  readonly lag: number;
}

async function groupsOf(admin: string): Promise<readonly Group[]> {
  return ((await (await fetch(`${admin}/consumer-groups`)).json()) as { items: readonly Group[] }).items;
}
const groupIds = async (admin: string): Promise<readonly string[]> => (await groupsOf(admin)).map(({ id }) => id);
const lags = async (admin: string): Promise<readonly number[]> => (await groupsOf(admin)).map(({ lag }) => lag);
const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

type Ends = ReadonlyMap<string, readonly { readonly partition: number; readonly end: number }[]>;

async function endsOf(broker: KafkaBroker): Promise<Ends> {
  const topics = [...(await broker.listTopics()).keys()].filter((topic) => !topic.startsWith('_'));
  return new Map(await Promise.all(topics.map(async (topic) => [topic, await broker.bounds(topic)] as const)));
}

/** Whether every group stands at or behind these ends, in each partition that it reads. */
async function isRead(broker: KafkaBroker, groups: readonly string[], ends: Ends): Promise<boolean> {
  for (const group of groups)
    for (const { topic, partition, offset } of await broker.committedOffsets(group, [...ends.keys()])) {
      const end = ends.get(topic)?.find((each) => each.partition === partition)?.end ?? 0;
      // The marker that ends a transaction has an offset and is nothing to commit for.
      if (offset >= 0 && offset < end - 1) return false;
    }
  return true;
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? NaN);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
