import { expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { countRecords, type TransactionalWriter, type WriteRecord } from '../ports/broker.js';
import { timers } from '../ports/scheduler.js';
import { parseStatements } from '../syntax/parse.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { KsqlEngine } from './ksql-engine.js';

/** Of one key on each side: a row for each pair. */
const RECORDS = 450;
const ROWS = RECORDS * RECORDS;
/** What is collected before a commit, and what is made in one go. */
const COMMITTED_AT_ONCE_MAX = 50_000 + 8_192 + RECORDS;
const START_MS = 1_700_000_000_000;

/** Tells how many results each commit has. */
class CountingBroker extends MemoryBroker {
  constructor(
    cluster: MemoryCluster,
    private readonly written: number[],
  ) {
    super(cluster);
  }
  override async openWriter(transactionalId: string): Promise<TransactionalWriter> {
    const writer = await super.openWriter(transactionalId);
    return {
      commit: async (...what) => {
        this.written.push(countRecords(what[0].filter(({ topic }) => topic === 'j')));
        await writer.commit(...what);
      },
      close: () => writer.close(),
    };
  }
}

interface Played {
  /** Results of each commit. */
  readonly written: readonly number[];
  /** Turns of the event loop while the query took all records. */
  readonly turns: number;
}

/** One query over records that are there before it. */
async function play(records: readonly WriteRecord[], statements: string): Promise<Played> {
  const clock = { nowMs: () => Date.now() };
  const random = new SeededRandom(3);
  const written: number[] = [];
  const broker = new CountingBroker(new MemoryCluster({ clock, scheduler: timers, random }), written);
  for (const topic of new Set(records.map((record) => record.topic)))
    await broker.createTopics([{ topic, partitions: 1, replicas: 1, config: {} }]);
  await broker.write(records);
  const engine = await KsqlEngine.open({
    broker,
    clock,
    random,
    functions: createFunctionRegistry(),
    serviceId: 'spec',
    config: { 'auto.offset.reset': 'earliest' },
    commitIntervalMs: 60_000,
    deadLetter: () => undefined,
    isTransient: () => false,
    onLog: () => undefined,
    onQueryState: () => undefined,
    onCommandReplayed: () => undefined,
    onCommandFailure: () => undefined,
  });
  let turns = 0;
  const tick = (): void => {
    turns++;
    ticking = setImmediate(tick);
  };
  let ticking = setImmediate(tick);
  try {
    await engine.execute(parseStatements(statements), { properties: new Map(), variables: new Map() }, () => undefined);
    const [query] = engine.queries.values();
    const deadline = performance.now() + 60_000;
    while ((query?.task?.metrics.recordsIn ?? 0) < records.length && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const played = { written, turns };
    await engine.close();
    return played;
  } finally {
    clearImmediate(ticking);
  }
}

const recordOf = (topic: string, key: string, value: unknown, at: number): WriteRecord => {
  const bytes = Buffer.from(JSON.stringify({ V: value }));
  return { topic, key: Buffer.from(key), value: bytes, timestamp: START_MS + at, headers: [] };
};
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

it('a join that gives a row for each of many pairs does so in parts: each is committed, and other things of the process run between', async () => {
  // Records of other keys come before: what a record takes is not to be judged by them.
  const side = (topic: string, at: number) =>
    Array.from({ length: 4 * RECORDS }, (_, i) => {
      return recordOf(topic, i < 3 * RECORDS ? `${topic}${i}` : 'hot', 1, at + i);
    });
  const form = (name: string) =>
    `CREATE STREAM ${name} (K STRING KEY, V INT) WITH (KAFKA_TOPIC='${name.toLowerCase()}', VALUE_FORMAT='JSON');`;
  const { written, turns } = await play(
    [...side('l', 0), ...side('r', 10_000)],
    `${form('L')}${form('R')}CREATE STREAM J WITH (KAFKA_TOPIC='j') AS SELECT L.K AS K, L.V, R.V
     FROM L JOIN R WITHIN 1 HOUR GRACE PERIOD 1 HOUR ON L.K = R.K;`,
  );
  expect(sum(written)).toBe(ROWS);
  expect(Math.max(...written)).toBeLessThanOrEqual(COMMITTED_AT_ONCE_MAX);
  // A turn of the event loop at least for each of the parts.
  expect(turns).toBeGreaterThan(ROWS / 8_192);
}, 90_000);

it('a table function whose records give many rows of a sudden does so, too', async () => {
  const many = Array.from({ length: 500 }, (_, i) => i);
  const { written } = await play(
    Array.from({ length: 4_000 }, (_, i) => recordOf('l', 'k', i < 3_000 ? [1] : many, i)),
    `CREATE STREAM L (K STRING KEY, V ARRAY<INT>) WITH (KAFKA_TOPIC='l', VALUE_FORMAT='JSON');
     CREATE STREAM J WITH (KAFKA_TOPIC='j') AS SELECT K, EXPLODE(V) AS E FROM L;`,
  );
  expect(sum(written)).toBe(3_000 + 1_000 * many.length);
  expect(Math.max(...written)).toBeLessThanOrEqual(50_000 + 128 * many.length);
}, 90_000);
