import { describe, expect, it } from '@jest/globals';
import { dependencyOrder } from '../files/dependency-order.js';
import { parsePipelineObject, type PipelineObject } from '../files/pipeline-object.js';
import { planPipeline, worldHash } from './plan-pipeline.js';
import type { PlanItem } from './plan.js';
import { base, changePairs } from './testing/change-pairs.js';
import type { RunningObject, RunningTopic, World } from './world.js';

const file = (sql: string): PipelineObject => {
  const { name } = parsePipelineObject('x.sql', sql);
  return parsePipelineObject(`${name.toLowerCase()}.sql`, sql);
};
const topic: RunningTopic = { partitions: 3, replicas: 1, retentionMs: 1_000, records: 100, cut: 20 };

function worldOf(sqls: readonly string[], changes: Partial<World> = {}): World {
  const objects = sqls.map((sql): RunningObject => {
    const { name, kind, topic: of, isQuery } = file(sql);
    return { name, kind, topic: of, statement: sql, hasQuery: isQuery, otherWriters: [] };
  });
  return {
    objects: new Map(objects.map((object) => [object.name, object])),
    topics: new Map([...objects.map((object) => [object.topic, topic] as const)]),
    journal: undefined,
    ...changes,
  };
}
const plan = (sqls: readonly string[], world: World): ReadonlyMap<string, PlanItem> =>
  new Map(planPipeline(dependencyOrder(sqls.map(file)), world).items.map((item) => [item.name, item]));

const clean = 'CREATE STREAM clean AS SELECT sensor, city, temp FROM readings EMIT CHANGES;';
const hot = 'CREATE STREAM hot AS SELECT sensor, temp FROM clean WHERE temp > 90 EMIT CHANGES;';
const all = [...base, clean, hot];

describe('planPipeline', () => {
  it.each(changePairs)('$what: $verdict', ({ from, to, verdict, reason }) => {
    const item = plan([...base, to], worldOf([...base, from])).get('X');
    expect([item?.verdict, item?.reason]).toEqual([verdict, reason]);
  });

  it('knows what is new, missing and unmanaged', () => {
    const world = worldOf([...base, clean]);
    expect(plan(all, world).get('HOT')).toMatchObject({ verdict: 'new', cost: { records: 100, cut: 20 } });
    const journal = new Map([['HOT', { textHash: '', runs: undefined }]]);
    expect(plan(all, { ...world, journal }).get('HOT')).toMatchObject({ verdict: 'missing', reason: 'dropped' });
    const terminated = worldOf(all);
    const objects = new Map(
      [...terminated.objects].map(([name, object]) => [
        name,
        { ...object, hasQuery: object.hasQuery && name !== 'HOT' },
      ]),
    );
    expect(plan(all, { ...terminated, objects }).get('HOT')).toMatchObject({
      verdict: 'missing',
      reason: 'terminated',
    });
    expect(plan([...base, clean], worldOf(all)).get('HOT')).toMatchObject({ verdict: 'unmanaged', file: null });
    expect(plan([...base, clean], worldOf(all)).get('CLEAN')?.downstream).toEqual(['HOT']);
  });

  it('tells a change by hand from one of the file', () => {
    const changed = clean.replace('FROM', 'FROM').replace('EMIT', "WHERE city <> 'x' EMIT");
    const deployed = (runs: string) => new Map([['CLEAN', { textHash: '', runs }]]);
    const runs = worldOf([...base, changed]);
    expect(plan([...base, clean], { ...runs, journal: deployed(clean) }).get('CLEAN')).toMatchObject({
      verdict: 'drifted',
      reason: 'changed-by-hand',
    });
    expect(
      plan([...base, clean], { ...runs, journal: deployed(changed.toLowerCase().replace("'x'", "'x'")) }).get('CLEAN'),
    ).toMatchObject({ verdict: 'in place' });
    expect(plan([...base, clean], { ...runs, journal: new Map() }).get('CLEAN')).toMatchObject({
      verdict: 'drifted',
      reason: 'exists-otherwise',
    });
    const objects = new Map(
      [...runs.objects].map(([name, object]) => [
        name,
        { ...object, otherWriters: name === 'CLEAN' ? ['INSERTQUERY_9'] : [] },
      ]),
    );
    expect(plan([...base, clean], { ...runs, objects }).get('CLEAN')).toMatchObject({
      verdict: 'drifted',
      reason: 'written-by-others',
    });
  });

  it('takes with it what reads an object that is made anew, and not what reads one that goes on', () => {
    const anew = plan([...base, clean.replace('city, temp', 'temp'), hot], worldOf(all));
    expect(
      [...anew.values()]
        .filter(({ verdict }) => verdict !== 'no change')
        .map(({ name, verdict, reason }) => `${name} ${verdict} ${reason}`),
    ).toEqual(['CLEAN side by side column-removed', 'HOT side by side source-anew']);
    const longer = plan([...base, clean.replace('temp FROM', 'temp, ts FROM'), hot], worldOf(all));
    expect([longer.get('CLEAN')?.verdict, longer.get('HOT')?.verdict]).toEqual(['in place', 'no change']);
  });

  it('takes with it what is declared over the topic of an object that is made anew', () => {
    const over =
      "CREATE STREAM over (sensor VARCHAR KEY, temp DOUBLE) WITH (KAFKA_TOPIC='CLEAN', VALUE_FORMAT='JSON');";
    const reader = 'CREATE STREAM reader AS SELECT sensor, temp FROM over EMIT CHANGES;';
    const files = [...base, clean.replace('city, temp', 'temp'), over, reader];
    const items = plan(files, worldOf([...base, clean, over, reader]));
    expect(['CLEAN', 'OVER', 'READER'].map((name) => items.get(name)?.verdict)).toEqual(Array(3).fill('side by side'));
  });

  it('takes with it what would go on with the event time that a source had', () => {
    const [readings = '', ...others] = base;
    const items = plan([readings.replace(", TIMESTAMP='ts'", ''), ...others, clean, hot], worldOf(all));
    expect(items.get('READINGS')).toMatchObject({ verdict: 'in place', because: ['event time: TS → none'] });
    expect(items.get('CLEAN')).toMatchObject({
      verdict: 'side by side',
      reason: 'source-changed',
      because: ['READINGS gets another event time, and CLEAN would go on with the old one'],
    });
    expect(items.get('HOT')).toMatchObject({ verdict: 'side by side', reason: 'source-anew' });
  });

  it.each(['AVRO', 'JSON_SR', 'PROTOBUF'])('plans %s without a schema registry', (format) => {
    const [readings = '', ...others] = base;
    const source = readings.replace("'JSON'", `'${format}'`);
    const files = (query: string) => [source, ...others, query];
    expect(plan(files(clean), worldOf(files(clean))).get('CLEAN')?.verdict).toBe('no change');
    const longer = clean.replace('temp FROM', 'temp, ts FROM');
    expect(plan(files(longer), worldOf(files(clean))).get('CLEAN')).toMatchObject({
      verdict: 'in place',
      reason: 'columns-added',
    });
  });

  it('takes no column for a property of its name', () => {
    const counts = "CREATE STREAM counts (id VARCHAR KEY, partitions INT) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON');";
    const few = 'CREATE STREAM few AS SELECT id, partitions AS p FROM counts WHERE partitions = 3 EMIT CHANGES;';
    const items = plan([counts, few], worldOf([counts, few]));
    expect([...items.values()].map(({ verdict }) => verdict)).toEqual(['no change', 'no change']);
  });

  it('blocks what would break what reads it, with the place', () => {
    const items = plan([...base, clean.replace('temp FROM', 'temp AS t FROM'), hot], worldOf(all));
    expect(items.get('CLEAN')).toMatchObject({ verdict: 'blocked', reason: 'dependant-breaks' });
    expect(items.get('CLEAN')?.because.at(-1)).toMatch(/^hot\.sql:1:\d+: .*TEMP/);
    expect(items.get('HOT')).toMatchObject({ verdict: 'blocked', reason: 'engine-rejected' });
  });

  it('blocks a source over a topic that is not there', () => {
    const gone = worldOf([]);
    expect(plan([base[0] ?? ''], gone).get('READINGS')).toMatchObject({
      verdict: 'blocked',
      reason: 'engine-rejected',
    });
  });

  it('is the same for the same world, and another when what it was made from changed', () => {
    const world = worldOf(all);
    const files = dependencyOrder(all.map(file));
    expect(planPipeline(files, world)).toEqual(planPipeline(files, world));
    const more = new Map([...(world.topics ?? [])].map(([name, each]) => [name, { ...each, records: 200 }]));
    expect(worldHash({ ...world, topics: more })).toBe(worldHash(world));
    const wider = new Map([...(world.topics ?? [])].map(([name, each]) => [name, { ...each, partitions: 6 }]));
    expect(worldHash({ ...world, topics: wider })).not.toBe(worldHash(world));
    const without = new Map([...world.objects].filter(([name]) => name !== 'HOT'));
    expect(worldHash({ ...world, objects: without })).not.toBe(worldHash(world));
  });
});
