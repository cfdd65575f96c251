import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../adapters/memory/fault-plan.js';
import type { FunctionRegistry } from '../functions/function.js';
import { sleep } from '../ports/scheduler.js';
import { SimulatedEngine } from '../testing/simulated-engine.js';
import type { KsqlEngine as Engine } from './ksql-engine.js';

/* What runs is what was logged, whatever the settings, the topics and the planner are like when a server starts again. */
const { planStatement } = await import('./plan-statement.js');
const { createFunctionRegistry } = await import('../functions/registry.js');
const { explainPlan } = await import('../plan/explain.js');

const SCRIPT = `
  CREATE STREAM s (k STRING KEY, v INT) WITH (kafka_topic='s', value_format='JSON', partitions=1);
  CREATE STREAM other (k STRING KEY, v INT) WITH (kafka_topic='other', value_format='JSON', partitions=1);
  CREATE STREAM big AS SELECT k, ABS(v) AS v FROM s WHERE v >= 50 EMIT CHANGES;
  CREATE STREAM copies AS SELECT * FROM other EMIT CHANGES;`;
const COMMAND_TOPIC = '_confluent-ksql-sim_command_topic';

/** One cluster, on which servers come and go. */
class World extends SimulatedEngine {
  constructor() {
    super(1, () => ({ markerMaxMs: 1 }));
  }

  /** Something that no engine of today writes into the command topic. */
  log(key: string, value: string): Promise<void> {
    return this.write(COMMAND_TOPIC, value, key);
  }

  async texts(topic: string): Promise<readonly string[]> {
    return (await this.read(topic)).map(({ value }) => Buffer.from(value ?? []).toString());
  }

  /**
   * A server that ran these statements and was closed.
   *
   * @param look at what it was before it closed
   */
  async ran(sql: string): Promise<void>;
  async ran<Seen>(sql: string, look: (engine: Engine) => Seen): Promise<Seen>;
  async ran<Seen>(sql: string, look?: (engine: Engine) => Seen): Promise<Seen | undefined> {
    const engine = await this.open();
    await this.execute(engine, sql);
    const seen = look?.(engine);
    await engine.close();
    return seen;
  }

  async pass(ms: number): Promise<void> {
    await sleep(this.scheduler, ms);
  }
}

async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = new World();
  await world.scheduler.run(work(world));
}

/** All that a user sees of an engine's state. */
const shown = ({ catalog, queries }: Engine) => ({
  sources: [...catalog.sources.values()],
  types: [...catalog.types],
  readers: [...catalog.readers],
  queries: [...queries.values()].map((query) => ({
    queryId: query.queryId,
    kind: query.kind,
    sinkName: query.sinkName,
    statementText: query.statementText,
    properties: query.properties,
    applicationId: query.applicationId,
    isPaused: query.isPaused,
    problem: query.problem,
    plan: query.plan,
  })),
});
const states = ({ queries }: Engine) =>
  [...queries.values()].map(({ sinkName, problem, task }) => [sinkName, problem === undefined ? task?.state : 'ERROR']);

const without = (name: string): FunctionRegistry => {
  const functions = createFunctionRegistry();
  return { list: () => functions.list(), find: (each) => (each === name ? undefined : functions.find(each)) };
};

describe('after a restart', () => {
  it('nothing that runs is changed by other settings', () =>
    inWorld(async (world) => {
      const before = await world.ran(SCRIPT, shown);
      const second = await world.open({
        config: {
          'auto.offset.reset': 'earliest',
          'ksql.output.topic.name.prefix': 'other_',
          'ksql.persistent.prefix': 'changed_',
          'ksql.persistence.wrap.single.values': 'false',
          'ksql.persistence.default.format.value': 'DELIMITED',
        },
      });
      expect(shown(second)).toEqual(before);
      await world.write('s', '{"V": 60}');
      await world.pass(5_000);
      expect(await world.texts('BIG')).toEqual(['{"V":60}']);
      // What comes after has the settings of its day.
      await world.execute(second, `CREATE STREAM later WITH (value_format='JSON') AS SELECT * FROM s EMIT CHANGES;`);
      expect(second.catalog.sources.get('LATER')?.topic.topic).toBe('other_LATER');
      await second.close();
    }));

  it('nothing that runs is changed by another planner', () =>
    inWorld(async (world) => {
      const before = await world.ran(SCRIPT, shown);
      const second = await world.open({
        planner: (statement, context) => {
          throw new Error(`plans ${statement.text} anew, ${context.nextQueryNumber}`);
        },
      });
      expect(world.failures).toEqual([]);
      expect(shown(second)).toEqual(before);
      await second.close();
    }));

  it('a query whose source topic is gone says so, all others run, and it goes on with a new topic', () =>
    inWorld(async (world) => {
      await world.ran(SCRIPT);
      await world.admin.deleteTopics(['s']);
      const second = await world.open();
      expect(world.failures).toEqual([]);
      expect([...second.catalog.sources.keys()]).toEqual(['S', 'OTHER', 'BIG', 'COPIES']);
      await world.pass(5_000);
      expect(states(second)).toEqual([
        ['BIG', 'ERROR'],
        ['COPIES', 'RUNNING'],
      ]);
      const [big] = second.queries.values();
      expect(big?.errors.at(-1)?.message).toMatch(/^source topic s does not exist/);
      await world.write('other', '{"V": 1}');
      await world.admin.createTopics([{ topic: 's', partitions: 1, replicas: 1, config: {} }]);
      await world.write('s', '{"V": 70}');
      await world.pass(10_000);
      expect(await world.texts('COPIES')).toEqual(['{"V":1}']);
      expect(await world.texts('BIG')).toEqual(['{"V":70}']);
      await second.close();
    }));

  it('a query whose function is gone says so, all others run, and it protects what it reads', () =>
    inWorld(async (world) => {
      await world.ran(SCRIPT);
      const second = await world.open({ functions: without('ABS') });
      expect(world.failures).toEqual([]);
      await world.pass(5_000);
      expect(states(second)).toEqual([
        ['BIG', 'ERROR'],
        ['COPIES', 'RUNNING'],
      ]);
      const [big] = second.queries.values();
      expect(big?.errors[0]?.message).toMatch(/^its plan cannot be read: root\..*: there is no function ABS\(/);
      await expect(world.execute(second, 'DROP STREAM s;')).rejects.toThrow('Cannot drop S');
      await world.execute(second, 'DROP STREAM big;');
      expect(states(second)).toEqual([['COPIES', 'RUNNING']]);
      await second.close();
      const third = await world.open();
      expect([...third.catalog.sources.keys()]).toEqual(['S', 'OTHER', 'COPIES']);
      await third.close();
    }));
});

describe('after a restart with other settings', () => {
  it('a query reads from where it was to begin, and collects as many values as it was to', () =>
    inWorld(async (world) => {
      const limit = 'ksql.functions.collect_list.limit';
      const first = await world.open({ config: { 'ksql.streams.auto.offset.reset': 'earliest', [limit]: '2' } });
      await world.execute(first, `${SCRIPT.split(';')[0]};`);
      for (const v of [1, 2, 3]) await world.write('s', `{"V": ${v}}`);
      const collected = 'SELECT k, COLLECT_LIST(v) AS vs, COLLECT_SET(v) AS v FROM s GROUP BY k EMIT CHANGES;';
      await world.execute(first, `CREATE TABLE collected AS ${collected}`);
      await first.close();
      const second = await world.open({
        config: { 'auto.offset.reset': 'latest', [limit]: '1', 'ksql.functions.collect_set.limit': '1' },
      });
      await world.pass(5_000);
      expect((await world.texts('COLLECTED')).at(-1)).toBe('{"VS":[1,2],"V":[1,2,3]}');
      await second.close();
    }));

  it('a query that takes the place of another goes on under its name, with its state', () =>
    inWorld(async (world) => {
      const counts = `CREATE OR REPLACE TABLE counts AS SELECT k, COUNT(*) AS n FROM s`;
      const first = await world.open();
      await world.execute(first, `${SCRIPT.split(';')[0]}; ${counts} GROUP BY k EMIT CHANGES;`);
      await world.write('s', '{"V": 1}');
      await world.pass(5_000);
      const before = [...first.queries.values()].map(({ applicationId }) => applicationId);
      await first.close();
      const second = await world.open({ config: { 'ksql.persistent.prefix': 'changed_' } });
      await world.execute(second, `${counts} WHERE k <> 'x' GROUP BY k EMIT CHANGES;`);
      expect([...second.queries.values()].map(({ applicationId }) => applicationId)).toEqual(before);
      await world.pass(5_000);
      await world.write('s', '{"V": 1}');
      await world.pass(5_000);
      expect(await world.texts('COUNTS')).toEqual(['{"N":1}', '{"N":2}']);
      await second.close();
    }));
});

describe('a query that cannot be read', () => {
  it('leaves nothing behind when it is ended', () =>
    inWorld(async (world) => {
      const first = await world.open();
      const table = 'CREATE TABLE counts AS SELECT k, SUM(ABS(v)) AS n FROM s GROUP BY k EMIT CHANGES;';
      await world.execute(first, `${SCRIPT.split(';')[0]}; ${table}`);
      await world.write('s', '{"V": 1}');
      await world.pass(5_000);
      const [query] = first.queries.values();
      const own = async () =>
        [...(await world.admin.listTopics()).keys()].filter((topic) => topic.startsWith(`${query?.applicationId}-`));
      expect(await own()).toHaveLength(1);
      await first.close();
      const second = await world.open({ functions: without('ABS') });
      await world.execute(second, 'DROP TABLE counts;');
      expect(await own()).toEqual([]);
      const records = await world.read('_confluent-ksql-sim_checkpoints');
      expect(records.filter(({ key }) => Buffer.from(key ?? []).toString() === query?.applicationId).at(-1)).toEqual(
        expect.objectContaining({ value: null }),
      );
      await second.close();
    }));
});

describe('what a query had', () => {
  const COUNTED = 'SELECT k, COUNT(*) AS n FROM s GROUP BY k EMIT CHANGES;';
  const changelogs = async (world: World) =>
    [...(await world.admin.listTopics()).keys()].filter((topic) => topic.endsWith('-changelog')).sort();

  it('goes with it, and not what one has whose name begins with its own', () =>
    inWorld(async (world) => {
      const engine = await world.open();
      await world.execute(engine, `${SCRIPT.split(';')[0]}; CREATE TABLE a AS ${COUNTED}`);
      await world.execute(engine, `CREATE TABLE \`A_1-B\` AS ${COUNTED}`);
      await world.write('s', '{"V": 1}');
      await world.pass(5_000);
      expect([...engine.queries.keys()]).toEqual(['CTAS_A_1', 'CTAS_A_1-B_3']);
      const [, other] = await changelogs(world);
      await world.execute(engine, 'DROP TABLE a;');
      expect(await changelogs(world)).toEqual([other]);
      await engine.close();
    }));

  it.each<Fault>([
    { kind: 'stopsBefore', on: 'deleteTopics', when: { nth: 2 } },
    { kind: 'stopsAfter', on: 'deleteTopics', when: { nth: 2 } },
    { kind: 'stopsAfter', on: 'deleteGroup', when: { nth: 1 } },
  ])('goes at the next start where the server was killed meanwhile: it $kind $on', (fault) =>
    inWorld(async (world) => {
      const broker = world.client([fault]);
      const first = await world.open({ broker });
      await world.execute(first, `${SCRIPT.split(';')[0]}; CREATE TABLE a AS ${COUNTED} CREATE TABLE b AS ${COUNTED}`);
      await world.write('s', '{"V": 1}');
      await world.pass(5_000);
      const [a, b] = [...first.queries.values()].map(({ applicationId }) => applicationId);
      void world.execute(first, 'DROP TABLE a;').catch(() => undefined);
      await world.pass(1_000);
      expect(broker.link.isStopped).toBe(true);
      const second = await world.open();
      await world.pass(5_000);
      const checkpoints = new Map(
        (await world.read('_confluent-ksql-sim_checkpoints')).map(({ key, value }) => [String(key), value]),
      );
      expect(checkpoints.get(a ?? '')).toBe(null);
      expect(checkpoints.get(b ?? '')).not.toBe(null);
      expect(await changelogs(world)).toEqual([expect.stringContaining(`${b}-`)]);
      await second.close();
    }),
  );
});

describe('a record of the command topic', () => {
  it('takes a plan of megabytes, as a list of many values is', () =>
    inWorld(async (world) => {
      const values = Array.from({ length: 25_000 }, (_, index) => index).join(', ');
      await world.ran(`${SCRIPT} CREATE STREAM some AS SELECT * FROM s WHERE v IN (${values}) EMIT CHANGES;`);
      const second = await world.open();
      expect([...second.catalog.sources.keys()]).toEqual(['S', 'OTHER', 'BIG', 'COPIES', 'SOME']);
      await second.close();
    }));

  it('that was deleted from it, with all before it, is told of', () =>
    inWorld(async (world) => {
      await world.ran(SCRIPT);
      world.cluster.deleteRecords(COMMAND_TOPIC, 0, 3);
      const second = await world.open();
      expect(world.failures).toEqual(['2: Error: this command and all before it were deleted from the topic']);
      expect([...second.catalog.sources.keys()]).toEqual(['BIG', 'COPIES']);
      await world.execute(second, 'DROP STREAM copies;');
      expect(second.commandFailures).toHaveLength(1);
      await second.close();
    }));

  it('that cannot be read keeps what a query of that name may have', () =>
    inWorld(async (world) => {
      const insert = (id: string) => `INSERT INTO copies WITH (QUERY_ID='${id}') SELECT * FROM s EMIT CHANGES;`;
      const checkpointed = async () => {
        const records = await world.read('_confluent-ksql-sim_checkpoints');
        const newest = new Map(records.map(({ key, value }) => [String(key), value]));
        return [...newest].filter(([key, value]) => key.endsWith('_AGAIN') && value !== null).length;
      };
      const first = await world.open();
      await world.execute(first, `${SCRIPT} ${insert('AGAIN')}`);
      await world.execute(first, 'TERMINATE again;');
      await world.execute(first, insert('AGAIN'));
      await world.write('s', '{"V": 1}');
      await world.pass(5_000);
      await first.close();
      expect(await checkpointed()).toBe(1);
      // The record that made the second one, as a server of another kind would have written it.
      const records = await world.texts(COMMAND_TOPIC);
      await world.admin.deleteTopics([COMMAND_TOPIC]);
      await world.admin.createTopics([{ topic: COMMAND_TOPIC, partitions: 1, replicas: 1, config: {} }]);
      for (const value of records.slice(0, -1)) await world.log('"x"', value);
      await world.log('"x"', (records.at(-1) ?? '').replace('"change"', '"swap"'));
      const second = await world.open();
      expect(world.failures).toHaveLength(1);
      await world.pass(5_000);
      expect(await checkpointed()).toBe(1);
      await second.close();
    }));

  it('with a plan too deep to be read leaves its query in ERROR and its source in the catalogue', () =>
    inWorld(async (world) => {
      await world.ran(SCRIPT);
      const [record = ''] = (await world.texts(COMMAND_TOPIC)).slice(-1);
      const node = '{"kind":"filter","id":"F","schema":{"key":[],"value":[]},"input":';
      const deep = `${node.repeat(10_000)}null${'}'.repeat(10_000)}`;
      await world.log(
        '"stream/`DEEP`/create"',
        record.replaceAll('COPIES', 'DEEP').replace(/"root":/, `$&${deep},"was":`),
      );
      const second = await world.open();
      expect(world.failures).toEqual([]);
      expect([...second.catalog.sources.keys()]).toEqual(['S', 'OTHER', 'BIG', 'COPIES', 'DEEP']);
      expect(states(second).at(-1)).toEqual(['DEEP', 'ERROR']);
      await second.close();
    }));

  it('that is garbage and comes while a server runs is told of, and others have their effect', () =>
    inWorld(async (world) => {
      const engine = await world.open();
      await world.log('"x"', 'DROP STREAM s;');
      await world.execute(engine, SCRIPT);
      expect(engine.commandFailures).toEqual([
        { sequenceNumber: 0, statement: '', reason: expect.stringMatching(/^not JSON/) },
      ]);
      expect(engine.queries.size).toBe(2);
      await engine.close();
    }));

  it('of a later format that comes while a server runs ends its writing', () =>
    inWorld(async (world) => {
      const engine = await world.open();
      await world.execute(engine, SCRIPT);
      await world.log('"stream/COPIES/drop"', '{"statement": "DROP STREAM copies;", "version": 3}');
      const length = (await world.texts(COMMAND_TOPIC)).length;
      for (let attempt = 0; attempt < 2; attempt++)
        await expect(world.execute(engine, 'DROP STREAM big;')).rejects.toMatchObject({ name: 'LaterLogError' });
      expect(engine.laterLog?.message).toMatch(/^command \d+ of .* was written by a later version/);
      expect(await world.texts(COMMAND_TOPIC)).toHaveLength(length);
      expect([...engine.catalog.sources.keys()]).toEqual(['S', 'OTHER', 'BIG', 'COPIES']);
      await engine.close();
    }));

  it.each([
    ['format', `{"statement": "DROP STREAM copies;", "version": 3}`, 'its version is 3, this server knows 2'],
    [
      'plan',
      `{"statement": "", "version": 2, "facts": {"topics": [], "settings": {}}, "effect": {"kind": "change", "canonicalText": "", "message": "",
        "catalog": {"sources": [], "dropped": [], "types": [], "droppedTypes": []}, "ends": [], "query": {"queryId": "Q", "applicationId": "q",
        "kind": "INSERT", "replaces": false, "sourceNames": [], "plan": {"version": 99}}}}`,
      'the version of its plan is 99, this server knows 1',
    ],
  ])('of a later %s stops a start with the reason, and nothing runs', (_, value, reason) =>
    inWorld(async (world) => {
      await world.ran(SCRIPT);
      await world.log('"stream/COPIES/drop"', value);
      const ran: string[] = [];
      const opening = world.open({ onQueryState: (queryId) => ran.push(queryId) });
      await expect(opening).rejects.toMatchObject({ name: 'LaterLogError', message: expect.stringContaining(reason) });
      await world.write('s', '{"V": 60}');
      await world.pass(5_000);
      expect(ran).toEqual([]);
      expect(await world.texts('BIG')).toEqual([]);
    }),
  );

  it.each([
    ['no JSON', '"x"', 'DROP STREAM s;'],
    ['no key', '', '{"statement": "DROP STREAM s;", "version": 2}'],
    ['an effect of no kind', '"x"', '{"statement": "DROP STREAM s;", "version": 2, "effect": {"kind": "half"}}'],
    ['no effect', '"x"', '{"statement": "DROP STREAM s;", "version": 2}'],
    ['a version that is none', '"x"', '{"statement": "DROP STREAM s;", "version": "two"}'],
  ])('that is garbage (%s) is told of, and all others have their effect', (_, key, value) =>
    inWorld(async (world) => {
      const before = await world.ran(SCRIPT, shown);
      await world.log(key, value);
      const second = await world.open();
      expect(world.failures).toHaveLength(1);
      expect(shown(second)).toEqual(before);
      await world.execute(second, 'DROP STREAM copies;');
      await second.close();
      const third = await world.open();
      expect(world.failures).toHaveLength(1);
      expect([...third.catalog.sources.keys()]).toEqual(['S', 'OTHER', 'BIG']);
      await third.close();
    }),
  );
});

describe('a server that is killed between append and fold', () => {
  it.each<[string, Fault, readonly string[]]>([
    ['before the commit', { kind: 'stopsBefore', on: 'endTransaction', when: { nth: 2 } }, ['S']],
    ['after it', { kind: 'stopsAfter', on: 'endTransaction', when: { nth: 2 } }, ['S', 'BIG']],
  ])('%s has said all or nothing', (_, fault, sources) =>
    inWorld(async (world) => {
      const broker = world.client([fault]);
      const first = await world.open({ broker });
      const [stream = '', , query = ''] = SCRIPT.split(';');
      await world.execute(first, `${stream};`);
      void world.execute(first, `${query};`).catch(() => undefined);
      await world.pass(1_000);
      expect(broker.link.isStopped).toBe(true);
      const second = await world.open();
      expect([...second.catalog.sources.keys()]).toEqual(sources);
      expect(states(second)).toHaveLength(sources.length - 1);
      await second.close();
    }),
  );

  it('whose answer alone was lost goes on with what it had said', () =>
    inWorld(async (world) => {
      // The answer to every end of this transaction is lost, until the writer gives up.
      const lost: Fault = { kind: 'answerLost', on: 'endTransaction', when: { nth: 1 } };
      const engine = await world.open({ broker: world.client([lost]) });
      const [stream = '', other = ''] = SCRIPT.split(';');
      await world.execute(engine, `${stream};`).catch(() => undefined);
      await world.execute(engine, `${other};`);
      const log = await world.texts(COMMAND_TOPIC);
      expect([...engine.catalog.sources.keys()]).toHaveLength(log.length);
      await engine.close();
      const again = await world.open();
      expect([...again.catalog.sources]).toEqual([...engine.catalog.sources]);
      await again.close();
    }));
});

describe('a log of a server that logged text only', () => {
  interface Fixture {
    readonly topics: Readonly<Record<string, { readonly partitions: number; readonly replicas: number }>>;
    readonly records: readonly { readonly offset: number; readonly key: string; readonly value: string }[];
    readonly state: {
      readonly sources: readonly Readonly<Record<string, unknown>>[];
      readonly types: unknown;
      readonly readers: unknown;
      readonly queries: readonly Readonly<Record<string, unknown>>[];
    };
  }
  const path = join(import.meta.dirname, '../command/fixtures/statement-log.json');
  const fixture = JSON.parse(readFileSync(path, 'utf8')) as Fixture;

  /** The log as it was, transaction by transaction, so that every command has the number that it had. */
  async function laid(world: World): Promise<void> {
    for (const [topic, { partitions, replicas }] of Object.entries(fixture.topics))
      await world.admin.createTopics([{ topic, partitions, replicas, config: {} }]);
    await world.admin.createTopics([{ topic: COMMAND_TOPIC, partitions: 1, replicas: 1, config: {} }]);
    const writer = await world.admin.openWriter('old-writer');
    for (const { key, value } of fixture.records) {
      const record = { topic: COMMAND_TOPIC, key: Buffer.from(key), value: Buffer.from(value), headers: [] };
      await writer.commit([{ ...record, timestamp: world.scheduler.nowMs() }], []);
    }
    await writer.close();
  }
  const asRecorded = (engine: Engine) => ({
    sources: [...engine.catalog.sources.values()].map(
      ({ kind, name, statementText, topic, isCreatedAsSelect, isSource }) => {
        return { kind, name, topic: topic.topic, isCreatedAsSelect, isSource, statementText };
      },
    ),
    types: [...engine.catalog.types],
    readers: [...engine.catalog.readers],
    queries: [...engine.queries.values()].map((query) => ({
      queryId: query.queryId,
      kind: query.kind,
      ...(query.sinkName === undefined ? {} : { sinkName: query.sinkName }),
      isPaused: query.isPaused,
      properties: query.properties,
      ...(query.sinkTopic === undefined ? {} : { sinkTopic: query.sinkTopic }),
      statementText: query.statementText,
      plan: explainPlan(query.plan),
    })),
  });

  it('comes to what that server ran, is planned once, and takes new commands', () =>
    inWorld(async (world) => {
      await laid(world);
      const first = await world.open({ config: {} });
      expect(world.failures).toEqual([]);
      expect(asRecorded(first)).toEqual(fixture.state);
      const before = shown(first);
      await world.execute(first, `CREATE STREAM fresh AS SELECT * FROM readings EMIT CHANGES;`);
      await first.close();
      let planned = 0;
      const second = await world.open({
        config: { 'ksql.output.topic.name.prefix': 'other_' },
        planner: (statement, context) => {
          planned++;
          return planStatement(statement, context);
        },
      });
      expect(planned).toBe(0);
      expect(world.failures).toEqual([]);
      const after = shown(second);
      expect(after.queries.slice(0, -1)).toEqual(before.queries);
      expect(after.sources.slice(0, -1)).toEqual(before.sources);
      expect(after.queries.at(-1)?.sinkName).toBe('FRESH');
      await second.close();
    }));

  it('is planned once too where such a server writes on beside this one', () =>
    inWorld(async (world) => {
      const first = await world.open();
      await world.execute(first, SCRIPT);
      const statement = 'CREATE STREAM late AS SELECT * FROM s EMIT CHANGES;';
      await world.log('"stream/`LATE`/create"', JSON.stringify({ statement }));
      await world.execute(first, 'DROP STREAM copies;');
      expect([...first.queries.values()].map(({ sinkName }) => sinkName)).toEqual(['BIG', 'LATE']);
      const before = shown(first);
      await first.close();
      const second = await world.open({ config: { 'ksql.output.topic.name.prefix': 'other_' } });
      expect(shown(second)).toEqual(before);
      await second.close();
    }));

  it('loses nothing where a source topic is gone', () =>
    inWorld(async (world) => {
      await laid(world);
      await world.admin.deleteTopics(['readings']);
      const engine = await world.open({ config: {} });
      expect(world.failures).toEqual([]);
      expect([...engine.catalog.sources.keys()]).toEqual(fixture.state.sources.map(({ name }) => name));
      await engine.close();
    }));

  it('has its effect where the record of a plan is too large for the topic', () =>
    inWorld(async (world) => {
      await world.admin.createTopics([{ topic: 's', partitions: 1, replicas: 1, config: {} }]);
      await world.admin.createTopics([{ topic: COMMAND_TOPIC, partitions: 1, replicas: 1, config: {} }]);
      const columns = Array.from({ length: 4_000 }, (_, index) => `column_${index} INT`).join(', ');
      for (const statement of [
        `CREATE STREAM s (k STRING KEY, ${columns}) WITH (kafka_topic='s', value_format='JSON');`,
        'CREATE STREAM a AS SELECT * FROM s WHERE column_1 > 1 EMIT CHANGES;',
        'CREATE STREAM b AS SELECT k, column_1 FROM s EMIT CHANGES;',
      ])
        await world.log(`"stream/${statement.slice(14, 15)}/create"`, JSON.stringify({ statement }));
      for (let start = 0; start < 2; start++) {
        const engine = await world.open();
        expect([...engine.catalog.sources.keys()]).toEqual(['S', 'A', 'B']);
        await world.pass(5_000);
        expect(states(engine)).toEqual([
          ['A', 'RUNNING'],
          ['B', 'RUNNING'],
        ]);
        await engine.close();
      }
    }));

  it.each<Fault['on']>(['endTransaction', 'produce'])('goes on where its planning was cut off at %s', (on) =>
    inWorld(async (world) => {
      await laid(world);
      const broker = world.client([{ kind: 'stopsAfter', on, when: { nth: 5 } }]);
      void world.open({ config: {}, broker }).catch(() => undefined);
      await world.pass(5_000);
      expect(broker.link.isStopped).toBe(true);
      const engine = await world.open({ config: {} });
      expect(asRecorded(engine)).toEqual(fixture.state);
      const log = await world.texts(COMMAND_TOPIC);
      expect(log).toHaveLength(2 * fixture.records.length);
      await engine.close();
    }),
  );
});

describe('two servers of one service', () => {
  it('lock neither of them out: each takes commands again after the other has', () =>
    inWorld(async (world) => {
      const [first, second] = [await world.open(), await world.open()];
      const types = ['a', 'b', 'c', 'd', 'e'].map((name) => `CREATE TYPE ${name} AS INT;`);
      for (const [index, type] of types.entries()) await world.execute(index % 2 === 0 ? first : second, type);
      await second.close();
      await world.execute(first, 'CREATE TYPE f AS INT;');
      expect([...first.catalog.types.keys()]).toEqual(['A', 'B', 'C', 'D', 'E', 'F']);
      await first.close();
      const again = await world.open();
      expect([...again.catalog.types]).toEqual([...first.catalog.types]);
      await again.close();
    }));

  it('plan against what the other has said', () =>
    inWorld(async (world) => {
      const [first, second] = [await world.open(), await world.open()];
      const [stream = '', other = ''] = SCRIPT.split(';');
      await world.execute(first, `${stream};`);
      await world.execute(second, `${other};`);
      expect([...second.catalog.sources.keys()]).toEqual(['S', 'OTHER']);
      await first.close();
      await second.close();
    }));
});
