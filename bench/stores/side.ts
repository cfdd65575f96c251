import { bareTopology, CacheBudget, DiskState, FetchedRecords, planOf, TaskState } from '@isobar/ksql-engine/testing';
import { setTimeout as delay } from 'node:timers/promises';
import { peakRssMb, rssMb } from '../process-usage.js';

/** What one process of `npm run bench -- stores` measures; printed as one line of JSON. */
export interface Measured {
  /** CPU per record while keys are new, µs. */
  readonly fillMicroseconds: number;
  /** CPU per record of keys that are known, µs. */
  readonly updateMicroseconds: number;
  /** Longest time in which the thread did nothing else than write rows, ms. */
  readonly longestSliceMs: number;
  readonly rssMb: number;
  readonly peakRssMb: number;
  readonly storedMb: number;
}

/** A restore of all keys from their changelog. */
export interface Restored {
  readonly recordsPerSecond: number;
  /** Of CPU time. */
  readonly recordsPerCpuSecond: number;
}

export interface Reopened {
  /** From the start of the process to the first result, ms. */
  readonly firstRowMs: number;
  /** Of it, from opening the file. */
  readonly openMs: number;
  readonly row: string;
}

const PLANS = {
  count: `CREATE TABLE o WITH (key_format = 'KAFKA', value_format = 'JSON') AS
            SELECT k, COUNT(*) AS n, SUM(v) AS total FROM s GROUP BY k;`,
  windows: `CREATE TABLE o WITH (key_format = 'KAFKA', value_format = 'JSON') AS
            SELECT k, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 1 MINUTE) GROUP BY k;`,
} as const;
export type PlanName = keyof typeof PLANS;

const BATCH = 1_000;
const RESTORE_RECORDS = 10_000;
/** A tenth of a second of a busy task. */
const COMMIT_RECORDS = 40_000;
const COMMIT_MS = 100;

const [command, planName, folder, keyText, recordText, cacheMbText] = process.argv.slice(2);
const [keys, records, cacheMb] = [Number(keyText), Number(recordText), Number(cacheMbText)];
const plan = planOf(
  `CREATE STREAM s (k STRING KEY, v BIGINT) WITH (kafka_topic = 's', key_format = 'KAFKA', value_format = 'JSON');
   ${PLANS[planName as PlanName]}`,
);
const identity = { applicationId: 'bench', taskId: '0', fingerprint: String(planName) };
const openedMs = performance.now();
const state = folder
  ? new TaskState(new DiskState(folder).open(identity, console.error), new CacheBudget(cacheMb * 2 ** 20))
  : undefined;

let lastRow = '';
const topology = bareTopology(
  plan,
  (sink) => {
    const row = [...sink].at(-1);
    if (command === 'reopen') lastRow = Buffer.from(row?.value ?? []).toString();
  },
  state,
);
const push = (batch: FetchedRecords): void => topology.sources[0]?.push(batch);
let offset = 0;
const recordOf = (key: number) => ({
  key: Buffer.from(`sensor-${String(key).padStart(9, '0')}`),
  value: Buffer.from(`{"V":${key % 1_000}}`),
  timestamp: offset * 0.1,
  headers: [],
  partition: 0,
  offset: offset++,
});

if (command === 'reopen') {
  push(FetchedRecords.of([recordOf(keys - 1)]));
  const reopened: Reopened = { firstRowMs: performance.now(), openMs: performance.now() - openedMs, row: lastRow };
  console.log(JSON.stringify(reopened));
  process.exit(0);
}

if (command === 'restore') {
  console.log(JSON.stringify(await restoreAll()));
  process.exit(0);
}

let sinceCommit = 0;
let nowMs = 0;
let longestSliceMs = 0;
function commitWhenDue(): void {
  sinceCommit += BATCH;
  if (sinceCommit < COMMIT_RECORDS) return;
  sinceCommit = 0;
  nowMs += COMMIT_MS;
  for (const store of topology.stores)
    if (store.hasChangelog) for (const change of store.takeChanges()) store.encode(change);
  state?.committed();
  if (state?.isWriteDue(nowMs) !== true) return;
  let sliceMs = performance.now();
  for (const _ of state.write(new Map(), nowMs)) {
    longestSliceMs = Math.max(longestSliceMs, performance.now() - sliceMs);
    sliceMs = performance.now();
  }
  longestSliceMs = Math.max(longestSliceMs, performance.now() - sliceMs);
}

/** Takes a changelog of all keys, in no order, as a restore does; it is made beforehand, a part at a time. */
async function restoreAll(): Promise<Restored> {
  const [first] = topology.stores;
  if (first === undefined) throw new Error('the plan has no store');
  const store = first;
  let [wallMs, cpuMicroseconds] = [0, 0];
  for (let from = 0; from < keys; from += RESTORE_RECORDS) {
    const records = Array.from({ length: Math.min(RESTORE_RECORDS, keys - from) }, (_, i) =>
      changeOf((from + i) * 7_919),
    );
    const [startedMs, before] = [performance.now(), process.cpuUsage()];
    for (const { key, value } of records) store.restore(store.decode(key, value));
    if (state?.isFull === true || from + RESTORE_RECORDS >= keys) state?.writeNow(new Map(), 0);
    const { user, system } = process.cpuUsage(before);
    wallMs += performance.now() - startedMs;
    cpuMicroseconds += user + system;
  }
  return { recordsPerSecond: (keys / wallMs) * 1_000, recordsPerCpuSecond: (keys / cpuMicroseconds) * 1e6 };

  function changeOf(number: number): ReturnType<typeof store.encode> {
    const key = `sensor-${String(number % keys).padStart(9, '0')}`;
    const window = planName === 'windows' ? [0, 60_000] : [-1, -1];
    const value = planName === 'windows' ? [BigInt(number)] : [BigInt(number), BigInt(number % 1_000)];
    const [windowStart = -1, windowEnd = -1] = window;
    return store.encode({ key, keyRow: [key], windowStart, windowEnd, entry: { value, timestamp: number } });
  }
}

/** CPU per record, µs, without what it takes to make the input. */
function run(count: number, keyAt: (n: number) => number): number {
  let spent = 0;
  for (let from = 0; from < count; from += BATCH) {
    const batch = FetchedRecords.of(
      Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => recordOf(keyAt(from + i))),
    );
    const before = process.cpuUsage();
    push(batch);
    commitWhenDue();
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
  }
  return spent / count;
}

/** Every key once, in no order. */
const fillMicroseconds = run(keys, (n) => (n * 7_919) % keys);
let seed = 42;
const uniform = (): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
  return (seed >>> 0) % keys;
};
run(records / 4, uniform);
const updateMicroseconds = run(records, uniform);
// What a killed process has not written yet comes from the changelog, which is not measured here.
for (const store of topology.stores) if (store.hasChangelog) store.takeChanges();
state?.committed();
state?.writeNow(new Map(), nowMs);
const measured: Measured = {
  fillMicroseconds,
  updateMicroseconds,
  longestSliceMs,
  rssMb: rssMb(process.pid),
  peakRssMb: peakRssMb(process.pid),
  storedMb: (state?.storedBytes ?? 0) / 2 ** 20,
};
console.log(JSON.stringify(measured));
// To be killed.
await delay(600_000);
