import { describe, expect, it } from '@jest/globals';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';
import { countedWindows, partitionOf, windowCounts } from '../testing/windows-by-definition.js';
import type { KsqlEngine } from './ksql-engine.js';
import type { StoredRow } from '../topology/topology.js';
import type { Row } from '../types/sql-value.js';

const STREAM = `CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');`;
const COUNT = `${STREAM} CREATE TABLE C WITH (KAFKA_TOPIC='c') AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`;
const [SIZE_MS, GRACE_MS] = [60_000, 30_000];
const WINDOWS = `${STREAM} CREATE TABLE W WITH (KAFKA_TOPIC='w') AS SELECT K, COUNT(*) AS N FROM S
  WINDOW TUMBLING (SIZE 60 SECONDS, GRACE PERIOD 30 SECONDS) GROUP BY K;`;
const WINDOWS_CHANGELOG = '_confluent-ksql-simquery_CTAS_W_1-Aggregate-Aggregate-Materialize-changelog';
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const TWO_HOURS_MS = 7_200_000;
/** Longer than anything in these runs takes. */
const SETTLED_MS = 30_000;

let run: SimulatedEngine;
/** Lets time pass until this is done with an engine over a topic `s`. */
async function live(seed: number, sourcePartitions: number, work: (engine: KsqlEngine) => Promise<void>) {
  run = new SimulatedEngine(seed);
  await run.scheduler.run(
    (async () => {
      await run.createTopic('s', sourcePartitions);
      const engine = await run.open();
      await work(engine);
    })(),
  );
}
const settled = (): Promise<void> => sleep(run.scheduler, SETTLED_MS);
const task = (engine: KsqlEngine) => [...engine.queries.values()].at(-1)?.task;

async function write(key: string, timestamp = run.scheduler.nowMs(), partition?: number): Promise<void> {
  const value = Buffer.from('{"V":1}');
  await run.admin.write([{ topic: 's', partition, key: Buffer.from(key), value, timestamp, headers: [] }]);
}

/** The newest count of each key in topic `c`, of each partition apart. */
async function counts(): Promise<Readonly<Record<string, string>>> {
  const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
  return Object.fromEntries((await run.read('c')).map(({ key, value }) => [text(key), text(value)]));
}

const lastCounts = (results: ReturnType<typeof windowCounts>): Readonly<Record<string, number>> =>
  Object.fromEntries(results.map(({ window, count }) => [window, count]));

describe('a windowed count over several partitions', () => {
  it('takes all records of a partition that delivers two hours behind another', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, WINDOWS);
      const [ahead, behind] = [0, 1].map((partition) => KEYS.filter((key) => partitionOf(key, 2) === partition));
      const startMs = run.scheduler.nowMs() - 2 * TWO_HOURS_MS;
      for (let n = 0; n < 120; n++) await write(ahead?.[n % 2] as string, startMs + TWO_HOURS_MS + n * 1_000);
      await settled();
      for (let n = 0; n < 120; n++) await write(behind?.[n % 2] as string, startMs + n * 1_000);
      await settled();
      const counted = Object.values(lastCounts(windowCounts(await run.read('w'), 2)));
      expect(counted.reduce((sum, count) => sum + count, 0)).toBe(240);
      await engine.close();
    }));

  it('counts each by its own stream time, writes by the key alone, and keeps state by partition', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      await live(seed, 4, async (engine) => {
        await run.execute(engine, WINDOWS);
        const { random, scheduler } = run;
        const lags = [0, 1, 2, 3].map(() => random.below(TWO_HOURS_MS));
        for (let n = 0; n < 200; n++) {
          const key = random.pick(KEYS);
          const late = random.next() < 0.2 ? random.below(200_000) : 0;
          await write(key, scheduler.nowMs() - (lags[partitionOf(key, 4)] as number) - late);
          await sleep(scheduler, random.below(5_000));
          if (n !== 100) continue;
          await engine.close();
          engine = await run.open();
        }
        await settled();
        const [input, results] = [await run.read('s'), windowCounts(await run.read('w'), 4)];
        const wanted = countedWindows(input, SIZE_MS, GRACE_MS);
        expect(lastCounts(results)).toEqual(wanted);
        expect(Object.values(wanted).reduce((sum, count) => sum + count, 0)).toBeLessThan(input.length);
        expect(results.filter(({ partition, partitionOfKey }) => partition !== partitionOfKey)).toEqual([]);
        const owners = new Map(input.map(({ key, partition }) => [Buffer.from(key ?? []).toString(), partition]));
        const kept = await run.read(WINDOWS_CHANGELOG);
        expect(new Set(kept.map(({ partition }) => partition))).toEqual(new Set(owners.values()));
        await engine.close();
      });
    }
  }, 60_000);
});

describe('a join of two topics', () => {
  it('has a task for each partition when both have equally many', () =>
    live(1, 2, async (engine) => {
      await run.createTopic('t', 2);
      await run.execute(
        engine,
        `${STREAM} CREATE TABLE T (K STRING PRIMARY KEY, V INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
         CREATE STREAM J WITH (KAFKA_TOPIC='j') AS SELECT S.K AS K, T.V AS V FROM S JOIN T ON S.K = T.K;`,
      );
      for (const key of KEYS) {
        const row = { topic: 't', key: Buffer.from(key), value: Buffer.from('{"V":7}'), headers: [] };
        await run.admin.write([{ ...row, timestamp: run.scheduler.nowMs() }]);
      }
      // Two topics come by two fetches: which of two new records is read first is nobody's promise.
      await settled();
      for (const key of KEYS) await write(key);
      await settled();
      expect(task(engine)?.tasks).toHaveLength(2);
      expect((await run.read('j')).map(({ key }) => Buffer.from(key ?? []).toString()).sort()).toEqual(KEYS);
      await engine.close();
    }));
});

describe('a pull query', () => {
  it('sees the rows of all tasks', () =>
    live(1, 4, async (engine) => {
      await run.execute(engine, COUNT);
      for (const key of [...KEYS, 'a']) await write(key);
      await settled();
      const query = [...engine.queries.values()].at(-1);
      const rows = async (keys?: readonly Row[]) => {
        const found: StoredRow[] = [];
        for await (const page of query?.rows(keys) ?? []) found.push(...page);
        return found;
      };
      const of = (key: string) => rows([[key]]);
      expect((await rows()).map(({ keyRow }) => keyRow[0]).sort()).toEqual(KEYS);
      expect((await of('a')).map(({ value }) => value)).toEqual([[2]]);
      expect(await of('z')).toEqual([]);
      await engine.close();
    }));
});

describe('a query that was paused', () => {
  it('goes on at once with what came before it noticed', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, COUNT);
      await settled();
      task(engine)?.pause();
      // The request that was under way still brings it.
      await write('a');
      await settled();
      expect(await counts()).toEqual({});
      task(engine)?.resume();
      await sleep(run.scheduler, 1_500);
      expect(await counts()).toEqual({ a: '{"N":1}' });
      await engine.close();
    }));
});

describe('a source that was deleted and made again while no server ran', () => {
  it('is read from its first record, however many it has, and the query says so', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, COUNT);
      for (let n = 0; n < 5; n++) await write('a');
      await settled();
      await engine.close();
      await run.admin.deleteTopics(['s']);
      await run.createTopic('s', 2);
      for (let n = 0; n < 8; n++) await write('a');
      for (let starts = 0; starts < 2; starts++) {
        engine = await run.open();
        await settled();
        await engine.close();
        expect(await counts()).toEqual({ a: '{"N":13}' });
      }
      expect(run.said).toEqual(['s was deleted and made again; the query goes on from its first record']);
    }));
});

describe('a query that takes the place of another', () => {
  it('goes on with its state and from where it was, after a restart too', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, COUNT);
      const filtered = COUNT.slice(STREAM.length)
        .replace('CREATE', 'CREATE OR REPLACE')
        .replace('FROM S', "FROM S WHERE K <> 'z'");
      for (const sql of ['', filtered, '']) {
        await write('a');
        await settled();
        if (sql === '') {
          await engine.close();
          engine = await run.open();
        } else await run.execute(engine, sql);
        await settled();
        expect(task(engine)?.state).toBe('RUNNING');
      }
      await write('a');
      await settled();
      expect(await counts()).toEqual({ a: '{"N":4}' });
      await engine.close();
    }));
});

describe('a query under the id of one that was ended and left its state behind', () => {
  it('stops and says so; ended and created again it begins anew, and a restart goes on with it', () =>
    live(1, 2, async (engine) => {
      await run.createTopic('r', 2);
      const insert = `INSERT INTO J WITH (QUERY_ID='x') SELECT S.K AS K, S.V AS A, R.V AS B FROM S JOIN R WITHIN 1 DAYS ON S.K = R.K;`;
      await run.execute(
        engine,
        `${STREAM} CREATE STREAM R (K STRING KEY, V INT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');
         CREATE STREAM J (K STRING KEY, A INT, B INT) WITH (KAFKA_TOPIC='j', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA', PARTITIONS=2);
         ${insert}`,
      );
      await write('a');
      const right = { topic: 'r', key: Buffer.from('a'), value: Buffer.from('{"V":2}'), headers: [] };
      await run.admin.write([{ ...right, timestamp: run.scheduler.nowMs() }]);
      await settled();
      expect(await run.read('j')).toHaveLength(1);
      await engine.close();
      engine = await run.open({ broker: run.client([{ kind: 'requestLost', on: 'deleteTopics', when: { nth: 1 } }]) });
      await expect(run.execute(engine, 'TERMINATE X;')).rejects.toThrow('deleteTopics: the broker does not answer');
      await run.execute(engine, insert);
      await settled();
      expect(task(engine)?.state).toBe('ERROR');
      expect(task(engine)?.errors.at(-1)).toMatchObject({
        type: 'USER',
        message: expect.stringMatching(/create it again$/),
      });
      await run.execute(engine, 'TERMINATE X;');
      await run.execute(engine, insert);
      await settled();
      expect(await run.read('j')).toHaveLength(2);
      await engine.close();
      engine = await run.open();
      await settled();
      await write('a');
      await settled();
      expect(await run.read('j')).toHaveLength(3);
      await engine.close();
    }));
});

describe('a batch that is skipped', () => {
  it('is told of once, also when nothing comes behind it before a restart', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, `SET 'ksql.corrupt.batches' = 'skip'; ${COUNT}`);
      await write('a', undefined, 0);
      await settled();
      await engine.close();
      await write('a', undefined, 0);
      run.cluster.corruptBatch('s', 0, 1);
      for (let starts = 0; starts < 2; starts++) {
        engine = await run.open();
        await settled();
        expect(task(engine)?.state).toBe('RUNNING');
        if (starts === 1) expect(task(engine)?.metrics.recordsLost).toBe(0);
        await engine.close();
      }
      expect(run.said).toEqual([expect.stringContaining('what lies before offset 2 is lost')]);
      expect(await counts()).toEqual({ a: '{"N":1}' });
    }));
});

describe('state that one task wrote', () => {
  it('is read by one task for ever, and the query says so', () =>
    live(1, 3, async (engine) => {
      await run.createTopic(WINDOWS_CHANGELOG, 1);
      await run.execute(engine, WINDOWS);
      const nowMs = run.scheduler.nowMs();
      for (const key of KEYS) await write(key, nowMs);
      await settled();
      expect(task(engine)?.tasks).toHaveLength(1);
      await engine.close();
      engine = await run.open();
      for (const key of KEYS) await write(key, nowMs);
      await settled();
      expect(task(engine)?.tasks).toHaveLength(1);
      const found = lastCounts(windowCounts(await run.read('w'), 3));
      expect(Object.values(found)).toEqual(KEYS.map(() => 2));
      expect(run.said.at(-1)).toMatch(/^the state of all partitions was kept together so far and stays so/);
      expect(task(engine)?.state).toBe('RUNNING');
      await engine.close();
    }));
});

describe('a topic that gets more partitions', () => {
  it('stops what has a task for each, says what to do, and loses nothing of what was counted', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, COUNT);
      for (const key of KEYS) await write(key);
      await settled();
      const before = await counts();
      run.cluster.addPartitions('s', 3);
      await write('a', undefined, 2);
      await settled();
      expect(task(engine)?.state).toBe('ERROR');
      const said =
        /belongs to 2 partitions of each source, and there are now 3 of s:.* terminate the query and create it/;
      expect(task(engine)?.errors.at(-1)).toMatchObject({ type: 'USER', message: expect.stringMatching(said) });
      expect(await counts()).toEqual(before);
      await engine.close();
    }));

  it('is read from the first record by what keeps nothing', () =>
    live(1, 2, async (engine) => {
      await run.execute(engine, `${STREAM} CREATE STREAM F WITH (KAFKA_TOPIC='f') AS SELECT K, V FROM S WHERE V > 0;`);
      await write('a', undefined, 0);
      await settled();
      run.cluster.addPartitions('s', 3);
      await write('b', undefined, 2);
      await settled();
      expect((await run.read('f')).map(({ key }) => Buffer.from(key ?? []).toString()).sort()).toEqual(['a', 'b']);
      expect(task(engine)?.state).toBe('RUNNING');
      await engine.close();
    }));
});
