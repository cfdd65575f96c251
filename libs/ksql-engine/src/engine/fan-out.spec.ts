import { expect, it } from '@jest/globals';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { countRecords, type TransactionalWriter } from '../ports/broker.js';
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

it('a join that gives a row for each of many pairs does so in parts: each is committed, and other things of the process run between', async () => {
  const clock = { nowMs: () => Date.now() };
  const random = new SeededRandom(3);
  const written: number[] = [];
  const broker = new CountingBroker(new MemoryCluster({ clock, scheduler: timers, random }), written);
  for (const topic of ['l', 'r']) await broker.createTopics([{ topic, partitions: 1, replicas: 1, config: {} }]);
  // Records of other keys come before: what a record takes is not to be judged by them.
  for (const [at, topic] of ['l', 'r'].entries())
    await broker.write(
      Array.from({ length: 4 * RECORDS }, (_, i) => ({
        topic,
        key: Buffer.from(i < 3 * RECORDS ? `${topic}${i}` : 'hot'),
        value: Buffer.from('{"V":1}'),
        timestamp: START_MS + at * 10_000 + i,
        headers: [],
      })),
    );
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
  let ticks = 0;
  const tick = (): void => {
    ticks++;
    ticking = setImmediate(tick);
  };
  let ticking = setImmediate(tick);
  try {
    const form = (name: string) =>
      `CREATE STREAM ${name} (K STRING KEY, V INT) WITH (KAFKA_TOPIC='${name.toLowerCase()}', VALUE_FORMAT='JSON');`;
    await engine.execute(
      parseStatements(
        `${form('L')}${form('R')}CREATE STREAM J WITH (KAFKA_TOPIC='j') AS SELECT L.K AS K, L.V, R.V
         FROM L JOIN R WITHIN 1 HOUR GRACE PERIOD 1 HOUR ON L.K = R.K;`,
      ),
      { properties: new Map(), variables: new Map() },
      () => undefined,
    );
    const [query] = engine.queries.values();
    const deadline = performance.now() + 60_000;
    while ((query?.task?.metrics.recordsIn ?? 0) < 8 * RECORDS && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const before = ticks;
    await engine.close();
    expect(written.reduce((sum, rows) => sum + rows, 0)).toBe(ROWS);
    expect(Math.max(...written)).toBeLessThanOrEqual(COMMITTED_AT_ONCE_MAX);
    // A turn of the event loop at least for each of the parts.
    expect(before).toBeGreaterThan(ROWS / 8_192);
  } finally {
    clearImmediate(ticking);
  }
}, 90_000);
