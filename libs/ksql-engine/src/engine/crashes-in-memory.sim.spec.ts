import { describe, expect, it } from '@jest/globals';
import type { Fault, FaultKind } from '../adapters/memory/fault-plan.js';
import type { MemoryBroker } from '../adapters/memory/memory-broker.js';
import type { FetchedRecord } from '../ports/record-columns.js';
import { sleep } from '../ports/scheduler.js';
import type { SeededRandom } from '../testing/seeded-random.js';
import { MortalState } from '../testing/mortal-state.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';
import { loadSqlite } from '../state/disk/sqlite.js';
import { countedWindows, partitionOf, windowCounts } from '../testing/windows-by-definition.js';

/*
 * A filter, a count and a count of windows, killed at any request and troubled before, must write what follows from their input by
 * definition.
 */

const PARTITIONS = 3;
const RECORDS = 80;
const KEYS = ['a', 'b', 'c', 'd', 'e'];
const STATEMENTS = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
  CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT K, V FROM S WHERE V >= 50;
  CREATE TABLE C WITH (KAFKA_TOPIC='c') AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;
  CREATE TABLE W WITH (KAFKA_TOPIC='w') AS SELECT K, COUNT(*) AS N FROM S
    WINDOW TUMBLING (SIZE 1 SECOND, GRACE PERIOD 500 MILLISECONDS) GROUP BY K;
`;

const [SIZE_MS, GRACE_MS] = [1_000, 500];
/** So far each partition is behind the last, and so far its records are out of order at most. */
const [LAG_MS, DISORDER_MS] = [7_200_000, 3_000];

const textOf = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();

/**
 * Runs the engine over a cluster, killed wherever the faults say and started anew. `state`: where it keeps its state, if not in memory; then
 * it is killed between two operations on its files, too.
 */
async function simulate(
  seed: number,
  faultsOf: (random: SeededRandom) => readonly Fault[],
  state?: MortalState,
  config: Readonly<Record<string, string>> = {},
) {
  const run = new SimulatedEngine(seed, (random) => {
    return { markerMaxMs: random.pick([5, 1_000]), fetchBytesMax: random.pick([100, 1_000_000]) };
  });
  const { random, scheduler, admin, cluster, said: fatal } = run;
  const withConfig = { config: { 'auto.offset.reset': 'earliest', ...config } };
  const read = (topic: string): Promise<readonly FetchedRecord[]> => run.read(topic);

  const live = async () => {
    await run.createTopic('s', PARTITIONS);
    const first = await run.open();
    await run.execute(first, STATEMENTS);
    await first.close();
    let lives = 0;
    const start = async (faults: readonly Fault[]): Promise<MemoryBroker> => {
      lives++;
      const broker = run.client(faults);
      const operations = faults.length === 0 ? Infinity : random.below(120);
      const states = state?.begin(operations, () => broker.link.stop());
      // A server that cannot start ends; one that is killed while it starts never answers.
      void run.open({ broker, states, ...withConfig }).catch(() => broker.link.stop());
      await sleep(scheduler, 0);
      return broker;
    };
    let broker = await start(faultsOf(random));
    for (let n = 0; n < RECORDS; n++) {
      const value = Buffer.from(JSON.stringify({ V: random.below(100) }));
      const key = random.pick(KEYS);
      const timestamp = scheduler.nowMs() - partitionOf(key, PARTITIONS) * LAG_MS - random.below(DISORDER_MS);
      await admin.write([{ topic: 's', key: Buffer.from(key), value, timestamp, headers: [] }]);
      await sleep(scheduler, random.next() * 200);
      if (broker.link.isStopped) broker = await start(faultsOf(random));
    }
    broker.link.stop();
    const last = await start([]);
    await sleep(scheduler, 120_000);
    last.link.stop();
    return {
      input: await read('s'),
      filtered: await read('f'),
      counted: await read('c'),
      windows: await read('w'),
      lives,
    };
  };
  const outcome = await scheduler.run(live());
  return { ...outcome, fatal, occurrences: cluster.occurrences, endMs: scheduler.nowMs() };
}

/** What the queries must have written, by definition. */
function judge({ input, filtered, counted, windows, fatal }: Awaited<ReturnType<typeof simulate>>) {
  const shown = ({ partition, key, value }: FetchedRecord) => `${partition} ${textOf(key)} ${textOf(value)}`;
  const wanted = input.filter(({ value }) => (JSON.parse(textOf(value)) as { V: number }).V >= 50);
  const counts: Record<string, number> = {};
  for (const { key } of input) counts[textOf(key)] = (counts[textOf(key)] ?? 0) + 1;
  const told: Record<string, number[]> = {};
  for (const { key, value } of counted) {
    (told[textOf(key)] ??= []).push((JSON.parse(textOf(value)) as { N: number }).N);
  }
  const results = windowCounts(windows, PARTITIONS);
  const byWindow: Record<string, number[]> = {};
  for (const { window, count } of results) (byWindow[window] ??= []).push(count);
  return {
    fatal: fatal.filter((message) => !message.startsWith('Skipping record for expired window')),
    windows: [lastOf(byWindow), countedWindows(input, SIZE_MS, GRACE_MS)],
    elsewhere: results.filter(({ partition, partitionOfKey }) => partition !== partitionOfKey),
    filtered: [filtered.map(shown), wanted.map(shown)],
    counted: [lastOf(told), counts],
    /** A count that was told twice or went back. */
    wrong: [...Object.values(told), ...Object.values(byWindow)].flatMap((all) =>
      all.filter((count, at) => count <= (all[at - 1] ?? 0)),
    ),
  };
}

function expectRight(seed: number, outcome: Awaited<ReturnType<typeof simulate>>): void {
  const { fatal, filtered, counted, windows, elsewhere, wrong } = judge(outcome);
  expect({ seed, fatal, wrong, elsewhere }).toEqual({ seed, fatal: [], wrong: [], elsewhere: [] });
  expect({ seed, windows: windows[0] }).toEqual({ seed, windows: windows[1] });
  expect({ seed, filtered: filtered[0] }).toEqual({ seed, filtered: filtered[1] });
  expect({ seed, counted: counted[0] }).toEqual({ seed, counted: counted[1] });
}

const lastOf = (told: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(told).map(([key, all]) => [key, all.at(-1)]));

const onDisk = loadSqlite() === undefined ? it.skip : it;
const OPERATIONS = ['fetch', 'produce', 'commitOffsets', 'endTransaction', 'committedOffsets'] as const;
const HICCUPS: readonly FaultKind[] = ['requestLost', 'answerLost', 'late', 'slow'];

describe('queries that are killed', () => {
  it('write what they should, once, wherever it happens', async () => {
    let [lives, aborted] = [0, 0];
    for (let seed = 1; seed <= 20; seed++) {
      const outcome = await simulate(seed, (random) => {
        const fault = (kind: FaultKind): Fault => {
          return { kind, on: random.pick(OPERATIONS), when: { nth: 1 + random.below(9) } };
        };
        return [fault(random.pick(HICCUPS)), fault(random.pick(['stopsBefore', 'stopsAfter']))];
      });
      expectRight(seed, outcome);
      lives += outcome.lives;
      aborted += outcome.occurrences.count('transactionAborted');
    }
    expect(lives).toBeGreaterThan(60);
    expect(aborted).toBeGreaterThan(20);
  }, 120_000);

  onDisk(
    'write what they should with state on disk, wherever it happens, in the midst of a file too',
    async () => {
      let [restored, deaths, aborted] = [0, 0, 0];
      for (let seed = 1; seed <= 20; seed++) {
        const state = new MortalState();
        const outcome = await simulate(
          seed,
          (random) => {
            const fault = (kind: FaultKind): Fault => {
              return { kind, on: random.pick(OPERATIONS), when: { nth: 1 + random.below(40) } };
            };
            return [fault(random.pick(HICCUPS)), fault(random.pick(['stopsBefore', 'stopsAfter']))];
          },
          state,
          { 'ksql.streams.cache.max.bytes.buffering': seed % 2 === 0 ? '1000' : '10000000' },
        );
        state.clear();
        expectRight(seed, outcome);
        restored += state.found.filter((progress) => progress !== undefined).length;
        deaths += state.deaths;
        aborted += outcome.occurrences.count('transactionAborted');
      }
      expect(restored).toBeGreaterThan(100);
      expect(deaths).toBeGreaterThan(20);
      expect(aborted).toBeGreaterThan(10);
    },
    240_000,
  );

  it('repeat to the byte', async () => {
    const once = () => simulate(5, () => [{ kind: 'stopsAfter', on: 'endTransaction', when: { nth: 6 } }]);
    expect(await once()).toEqual(await once());
  }, 60_000);
});
