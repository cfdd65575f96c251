import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { MemoryBroker } from '../adapters/memory/memory-broker.js';
import { MemoryCluster } from '../adapters/memory/memory-cluster.js';
import { createFunctionRegistry } from '../functions/registry.js';
import type { BrokerReader, PartitionOffset } from '../ports/broker.js';
import { timers } from '../ports/scheduler.js';
import { parseStatements } from '../syntax/parse.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { KsqlEngine } from './ksql-engine.js';

const WAIT_MS = 20_000;
const clock = { nowMs: () => Date.now() };
const random = new SeededRandom(1);
let engine: KsqlEngine | undefined;
afterEach(() => engine?.close());

class CountingBroker extends MemoryBroker {
  readersOfSource = 0;

  override openReader(positions: readonly PartitionOffset[]): Promise<BrokerReader> {
    if (positions.some(({ topic }) => topic === 's')) this.readersOfSource++;
    return super.openReader(positions);
  }
}

/** A query that copies `s`, in which the batch of offsets 2 and 3 cannot be read. */
async function start(config: Readonly<Record<string, string>>, commitIntervalMs: number) {
  const cluster = new MemoryCluster({ clock, scheduler: timers, random, fetchBytesMax: 1 });
  const broker = new CountingBroker(cluster);
  await broker.createTopics([{ topic: 's', partitions: 1, replicas: 1, config: {} }]);
  const write = (...values: readonly number[]) =>
    broker.write(
      values.map((n) => {
        const [key, value] = [Buffer.from('k'), Buffer.from(JSON.stringify({ N: n }))];
        return { topic: 's', key, value, timestamp: Date.now(), headers: [] };
      }),
    );
  // A fetch brings one batch: the second is read when its turn to be committed comes later.
  await write(0);
  await write(1);
  await write(2, 3);
  await write(4);
  cluster.corruptBatch('s', 0, 2);
  const told: string[] = [];
  engine = await KsqlEngine.open({
    broker,
    clock,
    random,
    functions: createFunctionRegistry(),
    serviceId: 'spec',
    config: { 'auto.offset.reset': 'earliest', ...config },
    commitIntervalMs,
    deadLetter: () => undefined,
    isTransient: () => false,
    onLog: ({ message }) => told.push(message),
    onQueryState: () => undefined,
    onCommandReplayed: () => undefined,
    onCommandFailure: (_, error) => told.push(String(error)),
  });
  const statements = `
    CREATE STREAM s (k STRING KEY, n INT) WITH (kafka_topic='s', value_format='JSON');
    CREATE STREAM copies WITH (kafka_topic='copies') AS SELECT * FROM s EMIT CHANGES;`;
  await engine.execute(parseStatements(statements), { properties: new Map(), variables: new Map() }, () => undefined);
  const [query] = engine.queries.values();
  const copies = async (): Promise<readonly string[]> => {
    const bounds = await broker.bounds('copies');
    if (bounds[0]?.end === 0) return [];
    const reader = await broker.openReader([{ topic: 'copies', partition: 0, offset: 0 }]);
    const found: string[] = [];
    for (let next = 0; next < (bounds[0]?.end ?? 0);) {
      for (const { records, nextOffset } of await reader.poll(1_000)) {
        found.push(...Array.from(records, ({ value }) => Buffer.from(value ?? []).toString()));
        next = nextOffset;
      }
    }
    return found;
  };
  return { query, copies, told, broker };
}

const REASON = 's-0 cannot be read from offset 2 on: its checksum does not match its bytes';

it('a query stops at a batch that cannot be read, with the reason; what lies before it is committed', async () => {
  const { query, copies, broker } = await start({}, 60_000);
  await eventually('it says so', WAIT_MS, () => expect(query?.task?.state).toBe('ERROR'));
  expect(query?.task?.errors.at(-1)).toMatchObject({ message: REASON, type: 'SYSTEM' });
  await eventually('what can be read is copied', WAIT_MS, async () =>
    expect(await copies()).toEqual(['{"N":0}', '{"N":1}']),
  );
  expect(query?.task?.metrics.recordsLost).toBe(0);
  // The next try comes after half a minute: nothing is asked for meanwhile.
  expect(broker.readersOfSource).toBe(1);
});

it('a query that is told to skip such batches goes on behind them, and counts and tells what is lost', async () => {
  const { query, copies, told } = await start({ 'ksql.corrupt.batches': 'skip' }, 100);
  await eventually('what can be read is copied', WAIT_MS, async () =>
    expect(await copies()).toEqual(['{"N":0}', '{"N":1}', '{"N":4}']),
  );
  const message = `${REASON}; what lies before offset 4 is lost, and the query goes on there`;
  expect(query?.task?.state).toBe('RUNNING');
  expect(query?.task?.metrics.recordsLost).toBe(2);
  expect(told).toEqual([message]);
  expect(query?.task?.errors.at(-1)).toMatchObject({ message, loss: 'records' });
});
