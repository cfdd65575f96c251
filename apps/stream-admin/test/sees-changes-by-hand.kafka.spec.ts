import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeptAdmin, RecordProducer, parseProducerSettings, silentLog } from '@isobar/kafka';
import { KsqlClient } from '@isobar/ksql-client';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStreamAdmin } from './start-stream-admin.js';

interface Query {
  readonly name: string;
  readonly file: string | null;
  readonly state: string;
  readonly health: string;
  readonly because: readonly string[];
  readonly version: string;
  readonly queryId: string | null;
}

const files = {
  '1-readings.sql':
    "CREATE STREAM readings (id VARCHAR KEY, value INT) WITH (KAFKA_TOPIC = 'iot-sensors', VALUE_FORMAT = 'JSON');",
  '2-high.sql': 'CREATE STREAM high AS SELECT id, value FROM readings WHERE value > 10 EMIT CHANGES;',
  '3-totals.sql': 'CREATE TABLE totals AS SELECT id, COUNT(*) AS n FROM high GROUP BY id EMIT CHANGES;',
};

describe('stream-admin and changes by hand', () => {
  let stack: TestStack;
  let server: KsqlServerProcess;
  let ksql: KsqlClient;
  let folder: string;
  let admin: RunningService;
  let producer: RecordProducer;

  const get = async <T>(path: string): Promise<T> => (await fetch(admin.url + path)).json() as Promise<T>;
  const query = async (name: string): Promise<Query> => {
    const found = (await get<Query[]>('/queries')).find((each) => each.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  const seen = (name: string, wanted: Partial<Record<keyof Query, unknown>>): Promise<Query> =>
    eventually(`${name} is ${JSON.stringify(wanted)}`, 60_000, async () => {
      const found = await query(name);
      expect(found).toMatchObject(wanted);
      return found;
    });
  const readinessOfQueries = async () =>
    (await get<{ parts: Record<string, { status: string; reason?: string }> }>('/readyz')).parts['queries'];
  const deploy = async (): Promise<void> => {
    expect((await fetch(`${admin.url}/deployments`, { method: 'POST' })).status).toBe(202);
    for (const name of ['READINGS', 'HIGH', 'TOTALS']) await seen(name, { version: 'up-to-date' });
    await eventually('ready again', 30_000, async () => expect(await readinessOfQueries()).toEqual({ status: 'up' }));
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
    for (const name of ['ksql', 'connectors']) mkdirSync(join(folder, name));
    for (const [name, sql] of Object.entries(files)) writeFileSync(join(folder, 'ksql', name), `${sql}\n`);
    stack = await startTestStack({ parts: ['kafka'] });
    server = await startKsqlServer(stack.kafkaBrokers);
    ksql = new KsqlClient({ url: server.url });
    producer = new RecordProducer(
      { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog },
      parseProducerSettings(''),
    );
    admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: server.url });
    await eventually('the deployment', 60_000, async () =>
      expect(await readinessOfQueries()).toEqual({ status: 'up' }),
    );
  }, 180_000);

  afterAll(async () => {
    await producer?.close();
    await admin?.stop();
    ksql?.close();
    await server?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const ends = async (topic: string): Promise<number> =>
    (await get<{ partitions: { high: string }[] }>(`/topics/${topic}`)).partitions.reduce(
      (sum, { high }) => sum + Number(high),
      0,
    );

  it('judges a query by its progress and says what it saw', async () => {
    await Promise.all(
      [11, 12, 13].map((value) => producer.send({ topic: 'iot-sensors', key: 'a', value: JSON.stringify({ value }) })),
    );
    const { because } = await eventually('the progress', 30_000, async () => {
      const found = await query('TOTALS');
      expect(found.because.join('; ')).toMatch(/records committed and \d+ new in \d+ s; lag \d+ records/);
      return found;
    });
    expect(because[0]).toBe('engine says RUNNING');
    expect(await query('TOTALS')).toMatchObject({ health: 'running', state: 'RUNNING', version: 'up-to-date' });
  }, 60_000);

  it('tells of records that somebody deleted from a topic that a query writes, and what reads it', async () => {
    const kafka = new KeptAdmin({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });
    const lost = async () =>
      (await get<{ items: { topic: string; words: string; records: number }[] }>('/losses')).items;
    // What somebody deletes is known from the second look on; there is one every ten seconds.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    for (const value of [14, 15])
      await producer.send({ topic: 'iot-sensors', key: 'a', value: JSON.stringify({ value }) });
    await eventually('the records', 30_000, async () =>
      expect(await get('/topics/HIGH')).toMatchObject({ offsets: expect.any(Number), losses: [] }),
    );
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(await lost()).toEqual([]);
    const partitions = (await get<{ partitions: { partition: number }[] }>('/topics/HIGH')).partitions;
    await kafka.use(async (client) => {
      await client.fetchTopicOffsets('HIGH');
      const all = partitions.map(({ partition }) => ({ partition, offset: '-1' }));
      await client.deleteTopicRecords({ topic: 'HIGH', partitions: all });
    });
    await eventually('the loss', 30_000, async () => {
      const [loss] = await lost();
      expect(loss?.words).toMatch(
        /^topic HIGH: up to \d+ records were deleted from it at .*; TOTALS read it and go on with/,
      );
    });
    await kafka.close();
  }, 90_000);

  it('makes a topic of a query again as it was, says what is lost, and the queries on both sides go on', async () => {
    const kafka = new KeptAdmin({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });
    const settings = async () =>
      kafka.use(async (client) => {
        const { topics } = await client.fetchTopicMetadata({ topics: ['HIGH'] });
        const { resources } = await client.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: 2, name: 'HIGH' }],
        });
        const own = resources[0]?.configEntries.map(({ configName, configValue }) => `${configName}=${configValue}`);
        return { partitions: topics[0]?.partitions.length, own };
      });
    const before = await settings();
    await kafka.use((client) => client.deleteTopics({ topics: ['HIGH'] }));
    await eventually('the loss', 30_000, async () => {
      const { items } = await get<{ items: { topic: string; what: string; words: string }[] }>('/losses');
      expect(items.find(({ what }) => what === 'deleted')?.words).toMatch(
        /^topic HIGH was deleted .* of history are gone; it was made again; its query goes on with what comes from now on; npx isobar queries redeploy HIGH computes/,
      );
    });
    expect(await settings()).toEqual(before);
    await seen('HIGH', { state: 'RUNNING', health: 'running' });
    await seen('TOTALS', { state: 'RUNNING', health: 'running' });
    await producer.send({ topic: 'iot-sensors', key: 'a', value: JSON.stringify({ value: 99 }) });
    await eventually('the record', 30_000, async () => expect(await ends('HIGH')).toBeGreaterThan(0));
    await kafka.close();
  }, 120_000);

  it('tells that a query lost its state with the topic that kept it', async () => {
    const kafka = new KeptAdmin({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });
    await kafka.use(async (client) => {
      const changelog = (await client.listTopics()).find((name) => /CTAS_TOTALS_.*-changelog$/.test(name));
      await client.deleteTopics({ topics: [changelog ?? ''] });
    });
    for (const value of [21, 22])
      await producer.send({ topic: 'iot-sensors', key: 'a', value: JSON.stringify({ value }) });
    await eventually('the loss', 40_000, async () => {
      const { items } = await get<{ items: { what: string; words: string; isNews: boolean }[] }>('/losses');
      expect(items.filter(({ what }) => what === 'state')).toEqual([
        expect.objectContaining({
          words: expect.stringMatching(
            /^query TOTALS: state was lost: its topic .*; npx isobar queries redeploy TOTALS/,
          ),
          isNews: true,
        }),
      ]);
    });
    await seen('TOTALS', { state: 'RUNNING', health: 'running' });
    await kafka.close();
  }, 90_000);

  it('makes no topic again of a query that somebody dropped', async () => {
    await ksql.execute('CREATE STREAM fleeting AS SELECT * FROM readings EMIT CHANGES;');
    await seen('FLEETING', { version: 'unmanaged' });
    // It is known from the next look at settings on.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    await ksql.execute('DROP STREAM fleeting DELETE TOPIC;');
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const { items } = await get<{ items: { topic: string }[] }>('/losses');
    expect(items.map(({ topic }) => topic)).not.toContain('FLEETING');
    const { items: topics } = await get<{ items: { name: string }[] }>('/topics');
    expect(topics.map(({ name }) => name)).not.toContain('FLEETING');
  }, 90_000);

  it('sees a query that was paused', async () => {
    const { queryId } = await query('HIGH');
    await ksql.execute(`PAUSE ${queryId};`);
    await seen('HIGH', { state: 'PAUSED', health: 'paused' });
    await eventually('not ready', 30_000, async () =>
      expect((await readinessOfQueries())?.reason).toContain('HIGH is PAUSED, paused (engine says PAUSED'),
    );
    await ksql.execute(`RESUME ${queryId};`);
    await seen('HIGH', { health: 'running' });
  }, 90_000);

  it('sees a query that was terminated, says when, and makes it again without touching what reads it', async () => {
    const [high, totals] = [await query('HIGH'), await query('TOTALS')];
    await ksql.execute(`TERMINATE ${high.queryId};`);
    const gone = await seen('HIGH', { state: 'TERMINATED', version: 'missing', health: 'failed', queryId: null });
    await eventually('the time', 30_000, async () =>
      expect((await query('HIGH')).because[0]).toMatch(/^terminated by hand, seen at \d{4}-\d\d-\d\dT[\d:]+Z$/),
    );
    expect(gone.file).toBe('2-high.sql');
    await eventually('not ready', 30_000, async () =>
      expect((await readinessOfQueries())?.reason).toMatch(/^HIGH is TERMINATED, failed \(terminated by hand, seen at/),
    );
    await deploy();
    const made = await seen('HIGH', { state: 'RUNNING', version: 'up-to-date' });
    expect(made.queryId).not.toBe(high.queryId);
    expect((await query('TOTALS')).queryId).toBe(totals.queryId);
  }, 120_000);

  it('sees a query that was replaced by another statement, whatever the journal says', async () => {
    await ksql.execute(
      'CREATE OR REPLACE STREAM high AS SELECT id, value FROM readings WHERE value > 11 EMIT CHANGES;',
    );
    await seen('HIGH', { state: 'RUNNING', version: 'drifted' });
    await ksql.execute(`CREATE OR REPLACE ${files['2-high.sql'].slice('CREATE '.length)}`);
    await seen('HIGH', { version: 'up-to-date' });
  }, 90_000);

  it('sees what somebody made beside the files, and what writes into them', async () => {
    await ksql.execute('CREATE STREAM by_hand AS SELECT * FROM readings EMIT CHANGES;');
    await seen('BY_HAND', {
      version: 'unmanaged',
      file: null,
      because: expect.arrayContaining(['no file declares it']),
    });
    await ksql.execute('INSERT INTO high SELECT id, value FROM readings EMIT CHANGES;');
    const { because } = await seen('HIGH', { version: 'drifted' });
    expect(because.join('; ')).toMatch(/INSERTQUERY_\d+ writes into it too, and no file declares that/);
    const id = /INSERTQUERY_\d+/.exec(because.join(' '))?.[0];
    await ksql.execute(`TERMINATE ${id}; DROP STREAM by_hand DELETE TOPIC;`);
    await seen('HIGH', { version: 'up-to-date' });
  }, 90_000);

  it('sees an object that was dropped, and makes it again', async () => {
    await ksql.execute('DROP TABLE totals DELETE TOPIC;');
    await seen('TOTALS', { state: 'ABSENT', version: 'missing', health: 'failed' });
    await deploy();
    await seen('TOTALS', { state: 'RUNNING' });
  }, 90_000);

  it('is not ready within seconds when the engine is away', async () => {
    await server.stop();
    await eventually('not ready', 30_000, async () =>
      expect((await readinessOfQueries())?.reason).toMatch(/ksqlDB has not told of the queries for \d+ s/),
    );
  }, 60_000);
});
