import { describe, expect, it } from '@jest/globals';
import type { WriteRecord } from '../ports/broker.js';
import { FetchedRecords, type FetchedRecord } from '../ports/record-columns.js';
import { bareTopology, planOf } from '../testing/bare-topology.js';
import type { Topology, StoredRows } from '../topology/topology.js';
import { CommitWatch } from './commit-watch.js';

const plan = planOf(`
  CREATE STREAM s (k STRING KEY, v INT) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON');
  CREATE TABLE counts AS SELECT k, COUNT(*) AS n FROM s GROUP BY k;`);
const topology = (): Topology => bareTopology(plan);

/** The topology of the only task of a query that starts. */
function opened(watch: CommitWatch): Topology {
  watch.begin();
  return watch.topology(topology());
}

const click = (key: string): FetchedRecord => ({
  key: Buffer.from(key),
  value: Buffer.from('{"V":1}'),
  timestamp: 0,
  headers: [],
  partition: 0,
  offset: 0,
});
const result = (key: string): WriteRecord => ({
  topic: 'COUNTS',
  key: Buffer.from(key),
  value: null,
  timestamp: 0,
  headers: [],
});

const counts = (store: StoredRows | undefined) =>
  store && Object.fromEntries([...store.entries()].map((row) => [row.keyRow[0], row.value[0]]));

/** What a promise has come to by now, or that it is still open. */
const now = (promise: Promise<unknown>): Promise<unknown> =>
  Promise.race([promise, new Promise((resolve) => setImmediate(() => resolve('waits')))]);

describe('a look at the table of a query', () => {
  it('is taken at once while nothing is on its way', async () => {
    const watch = new CommitWatch();
    opened(watch);
    expect(await now(watch.look(counts))).toEqual({});
  });

  it('waits while rows are not committed, and sees them right behind the commit, before any other', async () => {
    const watch = new CommitWatch();
    const [source] = opened(watch).sources;
    source?.push(FetchedRecords.of([click('a'), click('a')]));
    const look = watch.look(counts);
    expect(await now(look)).toBe('waits');
    watch.committed([]);
    source?.push(FetchedRecords.of([click('a'), click('b')]));
    expect(await look).toEqual({ a: 2 });
    expect(await now(watch.look(counts))).toBe('waits');
  });

  it('finds no table when the commit fails, never the rows that were lost with it', async () => {
    const watch = new CommitWatch();
    const [source] = opened(watch).sources;
    source?.push(FetchedRecords.of([click('a')]));
    const look = watch.look(counts);
    watch.abandon();
    expect(await look).toBeUndefined();
    opened(watch);
    expect(await now(watch.look(counts))).toEqual({});
  });

  it('that throws fails alone', async () => {
    const watch = new CommitWatch();
    const [source] = opened(watch).sources;
    source?.push(FetchedRecords.of([click('a')]));
    const broken = watch.look(() => {
      throw new Error('broken');
    });
    const other = watch.look(counts);
    watch.committed([]);
    await expect(broken).rejects.toThrow('broken');
    expect(await other).toEqual({ a: 1 });
  });
});

describe('a tap', () => {
  it('hears of what is committed from now on, until it ends', () => {
    const watch = new CommitWatch();
    const heard: string[] = [];
    watch.committed([result('before')]);
    const end = watch.tap({
      onCommitted: (records) => {
        for (const entry of records) if ('key' in entry) heard.push(Buffer.from(entry.key ?? []).toString());
      },
      onEnd: () => heard.push('end'),
    });
    watch.committed([result('a'), result('b')]);
    watch.committed([result('c')]);
    end();
    watch.committed([result('after')]);
    watch.end();
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  it('hears that the query has ended', () => {
    const watch = new CommitWatch();
    const heard: string[] = [];
    watch.tap({ onCommitted: () => heard.push('results'), onEnd: () => heard.push('end') });
    watch.end();
    watch.committed([result('after')]);
    expect(heard).toEqual(['end']);
  });
});
