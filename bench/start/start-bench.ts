import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { stackHome } from '@isobar/local-stack';
import { thisMachine, writeResult } from '../machine.js';
import { cpuSeconds, pssMb } from '../process-usage.js';
import { coldStart } from './cold-start.js';
import { firstCapturedRow } from './first-captured-row.js';
import { isobar, status, up } from './isobar.js';
import { grownBytes, internalSegments } from './log-growth.js';
import { readingToRow } from './reading-to-row.js';
import { startUnderLoad } from './start-under-load.js';

/** From pausing the sensors until nothing of their readings is under way. */
const PAUSED_SETTLE_MS = 10_000;
const READINGS_PER_SECOND = 200;
/** Sensors of the default stack: four in each of five cities. */
const SENSORS = 20;

const usage =
  'npm run bench -- start [--load 20] [--rounds 3] [--settle-seconds 120] [--rest-seconds 30] [--latency-seconds 20] [--json FILE]';

/** How soon the whole stack is ready, and what it takes at rest. */
export async function startBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cold: { type: 'boolean', default: false },
      /** Busy programs beside the stack; only the starts are tried then. */
      load: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      // The JVMs compile for some minutes after their start; rest is what comes behind.
      'settle-seconds': { type: 'string', default: '120' },
      'rest-seconds': { type: 'string', default: '30' },
      'latency-seconds': { type: 'string', default: '20' },
      json: { type: 'string' },
    },
  });
  const [rounds, settleSeconds, restSeconds, latencySeconds] = [
    Number(values.rounds),
    Number(values['settle-seconds']),
    Number(values['rest-seconds']),
    Number(values['latency-seconds']),
  ];
  if (!(rounds >= 1 && settleSeconds >= 0 && restSeconds > 0 && latencySeconds > 0)) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  if (values.load !== undefined) return startUnderLoad(Number(values.load), rounds);
  const machine = thisMachine();
  const cold = values.cold ? await coldStart() : undefined;
  if (cold !== undefined)
    console.log(
      `cold, in a fresh clone with empty caches: ${seconds(cold.readyMs)} to Ready, ${cold.downloadedMb.toFixed(0)} MB downloaded; stopped in ${seconds(cold.stopMs)}`,
    );
  else console.log('cold start not measured; --cold clones the repository and downloads everything anew');
  const home = mkdtempSync(join(tmpdir(), 'isobar-bench-start-'));
  chmodSync(home, 0o755); // PostgreSQL runs as another user, who has to get in
  const down = async (): Promise<void> => void (await isobar(home, ['down']));
  try {
    const freshMs = await up(home, undefined);
    console.log(`fresh data to Ready: ${seconds(freshMs)}`);
    await down();
    const warmMs: number[] = [];
    const baselineMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      baselineMs.push(await firstCapturedRow(home));
      await down();
      warmMs.push(await up(home, undefined));
      console.log(
        `round ${round + 1}: PostgreSQL, Kafka and Connect to their first row ${seconds(baselineMs.at(-1))}; warm start to Ready ${seconds(warmMs.at(-1))}`,
      );
      if (round < rounds - 1) await down();
    }
    await delay(settleSeconds * 1000);
    const rest = await atRest(home, restSeconds);
    await pauseSensors(home);
    await delay(PAUSED_SETTLE_MS);
    const idle = await atRest(home, restSeconds);
    console.log(
      `at rest: ${rest.pssMb.toFixed(0)} MB proportional, ${percent(rest.cores)} of one core; with all sensors paused ${percent(idle.cores)} (limit 10 %)`,
    );
    console.log(
      `offsets and transactions that the broker writes down: ${idle.logGrowthMbPerMinute.toFixed(3)} MB/min with all sensors paused (limit 0.2), ${rest.logGrowthMbPerMinute.toFixed(2)} MB/min with them`,
    );
    const idleCores = new Map(idle.processes.map(({ name, cores }) => [name, cores]));
    for (const { name, pssMb: megabytes, cores } of rest.processes)
      console.log(
        `  ${megabytes.toFixed(0).padStart(5)} MB ${percent(cores).padStart(7)} ${percent(idleCores.get(name) ?? 0).padStart(7)}  ${name}`,
      );
    await down();
    await up(home, undefined, { SENSOR_INTERVAL_MS: String((SENSORS * 1000) / READINGS_PER_SECOND) });
    const { addresses } = await status(home);
    const broker = new KafkaBroker({ bootstrap: [addresses['KAFKA_BROKERS'] ?? ''], clientId: 'bench' });
    const latency = await readingToRow(broker, latencySeconds);
    await broker.close();
    await down();
    const ratio = median(warmMs) / median(baselineMs);
    console.log(
      `warm start ${seconds(median(warmMs))} = ${ratio.toFixed(2)} × ${seconds(median(baselineMs))} (limit 2); fresh ${seconds(freshMs)} (limit 30 s)`,
    );
    console.log(
      `reading to user row at ${latency.readingsPerSecond.toFixed(0)} readings/s: p50 ${latency.p50Ms} ms, p95 ${latency.p95Ms} ms (limit 1000), ${latency.rows} rows`,
    );
    const path = await writeResult('start', values.json, {
      benchmark: 'start',
      takenAt: new Date().toISOString(),
      machine,
      ...(cold === undefined ? {} : { cold }),
      freshMs,
      warmMs,
      baselineMs,
      ratio,
      rest,
      idle,
      latency,
    });
    console.log(`written to ${path}`);
    return 0;
  } finally {
    await down().catch(() => undefined);
    rmSync(home, { recursive: true, force: true });
  }
}

interface AtRest {
  readonly pssMb: number;
  /** Processor time per second, the configured load of one reading per sensor and five seconds included. */
  readonly cores: number;
  /** What the broker wrote down of offsets and transactions. */
  readonly logGrowthMbPerMinute: number;
  readonly processes: readonly { readonly name: string; readonly pssMb: number; readonly cores: number }[];
}

async function atRest(home: string, forSeconds: number): Promise<AtRest> {
  const { supervisor, parts } = await status(home);
  const names = new Map(Object.entries(parts).map(([name, part]) => [part.process?.pid, name]));
  names.set(supervisor.pid, 'supervisor');
  const members = familyOf(supervisor.pid);
  const cpuOf = (pid: number): number => {
    try {
      return cpuSeconds(pid);
    } catch {
      return 0; // ended meanwhile
    }
  };
  const before = new Map(members.map(({ pid }) => [pid, cpuOf(pid)]));
  const kafkaFolder = join(stackHome(home).data, 'kafka');
  const segments = internalSegments(kafkaFolder);
  await delay(forSeconds * 1000);
  const writtenBytes = grownBytes(segments, internalSegments(kafkaFolder));
  const processes = new Map<string, { pssMb: number; cores: number }>();
  for (const { pid, ancestors } of members) {
    const name = [pid, ...ancestors].map((id) => names.get(id)).find((found) => found !== undefined) ?? 'other';
    const sum = processes.get(name) ?? { pssMb: 0, cores: 0 };
    const cores = Math.max(0, cpuOf(pid) - (before.get(pid) ?? 0)) / forSeconds;
    processes.set(name, { pssMb: sum.pssMb + pssMb(pid), cores: sum.cores + cores });
  }
  const list = [...processes].map(([name, used]) => ({ name, ...used })).sort((a, b) => b.pssMb - a.pssMb);
  return {
    pssMb: list.reduce((sum, used) => sum + used.pssMb, 0),
    cores: list.reduce((sum, used) => sum + used.cores, 0),
    logGrowthMbPerMinute: writtenBytes / 1e6 / (forSeconds / 60),
    processes: list,
  };
}

/** Takes the configured load away: what then still runs is the stack's own. */
async function pauseSensors(home: string): Promise<void> {
  const { addresses } = await status(home);
  const sensors = `${addresses['SENSOR_SIM_URL'] ?? ''}/sensors`;
  const { items } = (await (await fetch(sensors)).json()) as { items: { id: string }[] };
  for (const { id } of items) {
    const answer = await fetch(`${sensors}/${encodeURIComponent(id)}/pause`, { method: 'POST' });
    if (!answer.ok) throw new Error(`sensor ${id} was not paused: ${answer.status} ${await answer.text()}`);
  }
}

const percent = (cores: number): string => `${(cores * 100).toFixed(1)} %`;

/** A process and all below it, each with its ancestors, nearest first. */
function familyOf(root: number): { readonly pid: number; readonly ancestors: readonly number[] }[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
    } catch {
      // ended meanwhile
    }
  }
  const walk = (pid: number, ancestors: readonly number[]): { pid: number; ancestors: readonly number[] }[] => [
    { pid, ancestors },
    ...(children.get(pid) ?? []).flatMap((child) => walk(child, [pid, ...ancestors])),
  ];
  return walk(root, []);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const seconds = (ms: number | undefined): string => `${((ms ?? NaN) / 1000).toFixed(1)} s`;
