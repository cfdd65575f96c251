import { afterAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QueryPlan } from '../plan/nodes.js';
import { bareTopology, planOf } from '../testing/bare-topology.js';
import { Durable } from '../testing/durable.js';
import { SeededRandom } from '../testing/seeded-random.js';
import { FetchedRecords, type FetchedRecord, type RecordParts } from '../ports/record-columns.js';
import { CacheBudget } from '../state/cached/cache-budget.js';
import { TaskState } from '../state/cached/task-state.js';
import { DiskState } from '../state/disk/disk-state.js';
import { loadSqlite } from '../state/disk/sqlite.js';
import type { StoreFactory } from '../state/store-factory.js';
import type { Topology } from './topology.js';

const SOURCES = `
  CREATE STREAM s (k STRING KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON');
  CREATE STREAM r (k STRING KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON');
  CREATE TABLE t (k STRING PRIMARY KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON');
  CREATE TABLE u (k STRING PRIMARY KEY, v INT, g STRING) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON');`;

const QUERIES: Readonly<Record<string, string>> = {
  'a table': 'CREATE TABLE o AS SELECT k, v + 1 AS w FROM t WHERE v > 3;',
  'a group': 'CREATE TABLE o AS SELECT g, COUNT(*) AS n, SUM(v) AS total FROM s GROUP BY g HAVING SUM(v) > 5;',
  'a group of a table': 'CREATE TABLE o AS SELECT g, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY g;',
  'tumbling windows':
    'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 10 MILLISECONDS, RETENTION 10 MINUTES, GRACE PERIOD 20 MILLISECONDS) GROUP BY g;',
  'hopping windows':
    'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s WINDOW HOPPING (SIZE 10 MILLISECONDS, ADVANCE BY 5 MILLISECONDS, RETENTION 10 MINUTES, GRACE PERIOD 20 MILLISECONDS) GROUP BY g;',
  sessions:
    'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s WINDOW SESSION (4 MILLISECONDS, RETENTION 10 MINUTES, GRACE PERIOD 20 MILLISECONDS) GROUP BY g;',
  'final windows':
    'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 10 MILLISECONDS, RETENTION 10 MINUTES, GRACE PERIOD 20 MILLISECONDS) GROUP BY g EMIT FINAL;',
  'final sessions':
    'CREATE TABLE o AS SELECT g, COUNT(*) AS n FROM s WINDOW SESSION (4 MILLISECONDS, RETENTION 10 MINUTES, GRACE PERIOD 20 MILLISECONDS) GROUP BY g EMIT FINAL;',
  'a stream-stream join':
    'CREATE STREAM o AS SELECT s.k AS k, s.v AS a, r.v AS b FROM s JOIN r WITHIN 9 MILLISECONDS GRACE PERIOD 20 MILLISECONDS ON s.k = r.k;',
  'an outer stream-stream join':
    'CREATE STREAM o AS SELECT ROWKEY, s.v AS a, r.v AS b FROM s FULL OUTER JOIN r WITHIN 9 MILLISECONDS GRACE PERIOD 20 MILLISECONDS ON s.k = r.k;',
  'a stream-table join': 'CREATE STREAM o AS SELECT s.g AS k, s.v AS a, t.v AS b FROM s LEFT JOIN t ON s.g = t.k;',
  'a table-table join': 'CREATE TABLE o AS SELECT ROWKEY, t.v AS a, u.v AS b FROM t FULL OUTER JOIN u ON t.k = u.k;',
  'a foreign-key join': 'CREATE TABLE o AS SELECT t.k AS k, t.v AS a, u.v AS b FROM t LEFT JOIN u ON t.g = u.k;',
};

function start(plan: QueryPlan, written: string[], stores?: StoreFactory): Topology {
  const show = ({ key, value, timestamp }: RecordParts) =>
    `${key === null ? 'null' : Buffer.from(key).toString('hex')} ${value === null ? 'gone' : Buffer.from(value).toString()} @${timestamp}`;
  return bareTopology(plan, (records) => written.push(...Array.from(records, show)), stores);
}

interface Input {
  readonly topic: string;
  readonly record: FetchedRecord;
}
function inputs(random: SeededRandom, topics: readonly string[], count: number): Input[] {
  let now = 0;
  return Array.from({ length: count }, (_, offset) => {
    now += random.below(9);
    const key = random.pick(['a', 'b', 'c']);
    const value = { v: random.below(10), g: random.pick(['a', 'b', 'c']) };
    return {
      topic: random.pick(topics),
      record: {
        key: Buffer.from(key),
        value: random.next() < 0.15 ? null : Buffer.from(JSON.stringify(value)),
        timestamp: random.next() < 0.2 ? Math.max(0, now - random.below(40)) : now,
        headers: [],
        partition: 0,
        offset,
      },
    };
  });
}

function push(topology: Topology, batch: readonly Input[]): void {
  for (const { topic, record } of batch) {
    for (const source of topology.sources) if (source.topic === topic) source.push(FetchedRecords.of([record]));
  }
}

const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-state-'));
afterAll(() => rmSync(folder, { recursive: true }));
const onDisk = loadSqlite() === undefined ? it.skip : it;

describe.each(Object.keys(QUERIES))('%s, killed and restarted after each commit', (name) => {
  const plan = planOf(`${SOURCES}\n${QUERIES[name] ?? ''}`);

  it.each([1, 2, 3, 4, 5])('writes what it would have written without that (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const steady: string[] = [];
    const killed: string[] = [];
    const topology = start(plan, steady);
    const topics = topology.sources.map((source) => source.topic);
    const durable = new Durable();
    for (let commit = 0; commit < 12; commit++) {
      const batch = inputs(random, topics, 5 + random.below(20));
      push(topology, batch);
      const reborn = start(plan, killed);
      durable.restore(reborn);
      push(reborn, batch);
      durable.commit(reborn);
      expect(killed).toEqual(steady);
    }
    expect(steady.length).toBeGreaterThan(2);
  });

  onDisk('needs no changelog where its stores are on disk, of which nothing is in memory', () => {
    const random = new SeededRandom(6);
    const steady: string[] = [];
    const killed: string[] = [];
    const topology = start(plan, steady);
    const topics = topology.sources.map((source) => source.topic);
    const durable = new Durable();
    for (let commit = 0; commit < 6; commit++) {
      const batch = inputs(random, topics, 5 + random.below(20));
      push(topology, batch);
      const identity = { applicationId: name, taskId: '0', fingerprint: '' };
      const state = new TaskState(
        new DiskState(folder).open(identity, () => undefined),
        new CacheBudget(0),
      );
      const reborn = start(plan, killed, state);
      durable.restoreNote(reborn);
      push(reborn, batch);
      durable.commit(reborn);
      state.committed();
      state.writeNow(new Map(), 0);
      state.close();
      expect(killed).toEqual(steady);
    }
    expect(steady.length).toBeGreaterThan(2);
  });

  it('shows in its result table what a reader of the sink topic holds', () => {
    if (plan.resultKind !== 'TABLE' || name.startsWith('final')) return;
    const written: string[] = [];
    const topology = start(plan, written);
    const topics = topology.sources.map((source) => source.topic);
    push(topology, inputs(new SeededRandom(9), topics, 200));
    const newest = new Map(written.map((text) => [text.split(' ')[0], text]));
    const live = [...newest.values()].filter((text) => !text.includes(' gone '));
    const rows = [...(topology.resultStore?.entries() ?? [])];
    expect(rows.length).toBe(live.length);
    for (const row of rows) {
      const found = [...(topology.resultStore?.find(row.keyRow) ?? [])];
      expect(found).toContainEqual(row);
    }
  });
});
