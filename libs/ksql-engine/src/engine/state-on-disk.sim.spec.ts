import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '../ports/broker.js';
import { sleep } from '../ports/scheduler.js';
import { loadSqlite } from '../state/disk/sqlite.js';
import { StateFullError, type StateStorage } from '../state/state-backend.js';
import { MortalState } from '../testing/mortal-state.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';
import type { KsqlEngine } from './ksql-engine.js';

const STREAM = `CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', KEY_FORMAT='KAFKA');`;
const COUNT = `CREATE TABLE C WITH (KAFKA_TOPIC='c', PARTITIONS=1) AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`;
const CHANGELOG = '_confluent-ksql-simquery_CTAS_C_1-Aggregate-Aggregate-Materialize-changelog';
/** Longer than anything in these runs takes. */
const SETTLED_MS = 40_000;

let run: SimulatedEngine;
let state: MortalState;
beforeEach(() => {
  run = new SimulatedEngine(1);
  state = new MortalState();
});
afterEach(() => state.clear());

const live = (work: () => Promise<void>): Promise<void> =>
  run.scheduler.run(
    (async () => {
      await run.createTopic('s', 1);
      await work();
    })(),
  );
const settled = (): Promise<void> => sleep(run.scheduler, SETTLED_MS);
const task = (engine: KsqlEngine) => [...engine.queries.values()].at(-1)?.task;
const files = (): readonly string[] => (existsSync(state.folder) ? readdirSync(state.folder) : []);
const write = async (records: number): Promise<void> => {
  for (let n = 0; n < records; n++) await run.write('s', '{"V":1}', `k${n % 3}`);
};
async function counts(): Promise<Readonly<Record<string, number>>> {
  const text = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString();
  const rows = await run.read('c');
  return Object.fromEntries(rows.map(({ key, value }) => [text(key), (JSON.parse(text(value)) as { N: number }).N]));
}
/** A server that counts, with 30 records of three keys behind it, and has ended. */
async function counted(): Promise<void> {
  const engine = await run.open({ states: state.begin() });
  await run.execute(engine, STREAM + COUNT);
  await write(30);
  await settled();
  await engine.close();
  state.end();
}

const onDisk = loadSqlite() === undefined ? describe.skip : describe;

onDisk('a query with its state on disk', () => {
  it('reads nothing of its changelogs again that it has stored, and goes on', () =>
    live(async () => {
      await counted();
      const engine = await run.open({ states: state.begin() });
      await settled();
      expect(task(engine)?.restore?.total).toBe(0);
      expect(task(engine)?.storedBytes).toBeGreaterThan(0);
      await write(3);
      await settled();
      expect(await counts()).toEqual({ k0: 11, k1: 11, k2: 11 });
      await engine.close();
      expect(run.said).toEqual([]);
    }));

  it.each<[string, () => Promise<void>, string, Readonly<Record<string, number>>]>([
    ['is damaged', () => overwrite('x'.repeat(50_000)), 'is damaged', { k0: 11, k1: 11, k2: 11 }],
    [
      'belongs to a changelog that was made again',
      remakeChangelog,
      'was deleted and made again',
      { k0: 1, k1: 1, k2: 1 },
    ],
  ])('takes its state from the changelog, with a word, when what is stored %s', (_, harm, reason, expected) =>
    live(async () => {
      await counted();
      await harm();
      const engine = await run.open({ states: state.begin() });
      await settled();
      await write(3);
      await settled();
      expect(await counts()).toEqual(expected);
      expect(run.said[0]).toContain(reason);
      expect(task(engine)?.errors[0]?.message).toContain(reason);
      await engine.close();
    }),
  );

  it('takes it from the changelog, with a word, when what is stored is of what this cluster never committed', async () => {
    await live(async () => {
      await counted();
      const again = await run.open({ states: state.begin() });
      await write(30);
      await settled();
      await again.close();
      state.end();
    });
    run = new SimulatedEngine(1);
    await live(async () => {
      const first = await run.open();
      await run.execute(first, STREAM + COUNT);
      await write(3);
      await settled();
      await first.close();
      const engine = await run.open({ states: state.begin() });
      await write(3);
      await settled();
      expect(await counts()).toEqual({ k0: 2, k1: 2, k2: 2 });
      expect(run.said).toEqual([expect.stringContaining('ahead of the changelog')]);
      await engine.close();
    });
  });

  it('takes it from the changelog when it was replaced by another plan', () =>
    live(async () => {
      await counted();
      const engine = await run.open({ states: state.begin() });
      await run.execute(
        engine,
        COUNT.replace('CREATE', 'CREATE OR REPLACE').replace('FROM S', "FROM S WHERE K <> 'x'"),
      );
      await write(3);
      await settled();
      expect(await counts()).toEqual({ k0: 11, k1: 11, k2: 11 });
      expect(run.said[0]).toContain('another plan');
      await engine.close();
    }));

  it('leaves no file when it is dropped, or was while another server ran', () =>
    live(async () => {
      await counted();
      expect(files()).toHaveLength(1);
      const engine = await run.open({ states: state.begin() });
      await settled();
      await run.execute(engine, 'DROP TABLE C;');
      await settled();
      expect(files()).toEqual([]);
      await run.execute(engine, COUNT);
      await settled();
      expect(files()).toHaveLength(1);
      await engine.close();
      state.end();
      const elsewhere = await run.open();
      await run.execute(elsewhere, 'DROP TABLE C;');
      await elsewhere.close();
      expect(files()).toHaveLength(1);
      const again = await run.open({ states: state.begin() });
      await settled();
      expect(files()).toEqual([]);
      await again.close();
    }));

  it('stops with the reason while its medium is full, and goes on when there is room', () =>
    live(async () => {
      await counted();
      let isFull = false;
      const engine = await run.open({ states: limited(state.begin(), () => isFull) });
      await settled();
      isFull = true;
      await write(6);
      await settled();
      expect(task(engine)?.state).toBe('ERROR');
      expect(task(engine)?.errors.at(-1)).toMatchObject({
        message: expect.stringContaining('no room'),
        type: 'SYSTEM',
      });
      await write(6);
      await settled();
      expect(task(engine)?.state).toBe('ERROR');
      isFull = false;
      await settled();
      expect(task(engine)?.state).toBe('RUNNING');
      expect(await counts()).toEqual({ k0: 14, k1: 14, k2: 14 });
      await engine.close();
    }));
});

onDisk('a server that another takes over from', () => {
  it('stores nothing of what the other has committed as its own', () =>
    live(async () => {
      const broker = run.client([]);
      const bounds = broker.bounds.bind(broker);
      let isArmed = false;
      const { promise: takenOver, resolve } = Promise.withResolvers<undefined>();
      broker.bounds = async (topic) => {
        if (isArmed && topic === CHANGELOG) {
          isArmed = false;
          const other = await run.open();
          await write(3);
          await settled();
          await other.close();
          resolve(undefined);
        }
        return bounds(topic);
      };
      const engine = await run.open({ broker, states: state.begin() });
      await run.execute(engine, STREAM + COUNT);
      await write(3);
      await settled();
      isArmed = true;
      await write(3);
      await takenOver;
      await settled();
      await write(3);
      await settled();
      expect(await counts()).toEqual({ k0: 4, k1: 4, k2: 4 });
      await engine.close();
    }));
});

describe('a restore', () => {
  it('ends at once when its query is stopped', () =>
    live(async () => {
      const first = await run.open();
      await run.execute(first, STREAM + COUNT);
      await write(30);
      await settled();
      await first.close();
      const engine = await run.open({ broker: silentAbout(CHANGELOG) });
      while (task(engine)?.restore === undefined) await sleep(run.scheduler, 10);
      expect(task(engine)?.state).toBe('RESTORING');
      expect(task(engine)?.restore).toMatchObject({ tasks: [{ total: task(engine)?.restore?.total }] });
      const startedMs = run.scheduler.nowMs();
      await task(engine)?.stop();
      expect(run.scheduler.nowMs() - startedMs).toBeLessThan(100);
      await engine.close();
    }));
});

async function overwrite(text: string): Promise<void> {
  const [query] = files();
  const folder = join(state.folder, query as string);
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), text);
}

async function remakeChangelog(): Promise<void> {
  await run.admin.deleteTopics([CHANGELOG]);
}

/** A broker that says nothing of what is in a topic, until the question is taken back. */
function silentAbout(topic: string): Broker {
  const broker = run.client([]);
  const openReader = broker.openReader.bind(broker);
  broker.openReader = async (positions, bytesMax) => {
    const reader = await openReader(positions, bytesMax);
    if (positions[0]?.topic !== topic) return reader;
    const { promise, resolve } = Promise.withResolvers<[]>();
    reader.poll = () => promise;
    reader.interrupt = () => resolve([]);
    return reader;
  };
  return broker;
}

/** Storage that may have no room. */
function limited(storage: StateStorage, isFull: () => boolean): StateStorage {
  return {
    owners: () => storage.owners(),
    forget: (applicationId) => storage.forget(applicationId),
    open: (identity, onDiscarded) => {
      const backend = storage.open(identity, onDiscarded);
      const commit = backend.commit.bind(backend);
      backend.commit = (progress) => {
        if (isFull()) throw new StateFullError('s');
        commit(progress);
      };
      return backend;
    },
  };
}
