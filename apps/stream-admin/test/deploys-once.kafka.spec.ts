import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeptAdmin, parseProducerSettings, RecordProducer, silentLog } from '@isobar/kafka';
import { KsqlClient } from '@isobar/ksql-client';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { parsePipelineObject } from '@isobar/pipeline';
import type { RunningService } from '@isobar/service-kit';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStreamAdmin } from './start-stream-admin.js';

const root = join(import.meta.dirname, '../../..');

interface Query {
  readonly name: string;
  readonly version: string;
  readonly queryId: string | null;
}

describe('deployments that meet, and one that was cut short', () => {
  let stack: TestStack;
  let server: KsqlServerProcess;
  let folder: string;
  const admins: RunningService[] = [];

  const start = async (): Promise<RunningService> => {
    const admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: server.url });
    admins.push(admin);
    return admin;
  };
  const queriesOf = async (admin: RunningService): Promise<Query[]> =>
    (await (await fetch(`${admin.url}/queries`)).json()) as Query[];
  const deployed = (admin: RunningService): Promise<Query[]> =>
    eventually('the deployment', 90_000, async () => {
      const { phase, failure, waitsFor } = (await (await fetch(`${admin.url}/deployments`)).json()) as Record<
        string,
        unknown
      >;
      expect({ phase, failure, waitsFor }).toEqual({ phase: 'deployed', failure: null, waitsFor: null });
      const queries = await queriesOf(admin);
      expect(queries.filter(({ version }) => version !== 'up-to-date')).toEqual([]);
      return queries;
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
    cpSync(join(root, 'ksql'), join(folder, 'ksql'), { recursive: true });
    mkdirSync(join(folder, 'connectors'));
    stack = await startTestStack({ parts: ['kafka'] });
    server = await startKsqlServer(stack.kafkaBrokers);
  }, 180_000);

  afterAll(async () => {
    for (const admin of admins) await admin.stop();
    await server?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('makes each object once when two services start at the same time', async () => {
    const [one, other] = await Promise.all([start(), start()]);
    const queries = await deployed(one);
    expect(await deployed(other)).toEqual(
      queries.map((query) => expect.objectContaining({ name: query.name, queryId: query.queryId })),
    );
    const client = new KsqlClient({ url: server.url });
    const sinks = (await client.listQueries()).flatMap((query) => query.sinks);
    client.close();
    expect(sinks.length).toBe(new Set(sinks).size);
  }, 180_000);

  it('lets one of two change the pipeline at a time, and tells the other who does', async () => {
    const redeploy = async (admin: RunningService | undefined) => {
      const answer = await fetch(`${admin?.url}/queries/city_sensors/redeploy`, { method: 'POST' });
      return { status: answer.status, body: (await answer.json()) as { title?: string; redeployed?: string[] } };
    };
    const answers = await Promise.all([redeploy(admins[0]), redeploy(admins[1])]);
    const [done, refused] = answers.sort((a, b) => a.status - b.status);
    expect(done?.status).toBe(200);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        title: expect.stringMatching(
          `another stream-admin \\(process ${process.pid} on .+\\) is busy with the redeployment of CITY_SENSORS`,
        ),
      },
    });
    const client = new KsqlClient({ url: server.url });
    const sinks = (await client.listQueries()).flatMap((query) => query.sinks);
    client.close();
    expect(sinks.length).toBe(new Set(sinks).size);
    for (const admin of admins) await deployed(admin);
  }, 180_000);

  it('waits for a change on another machine, not for one whose process has ended', async () => {
    const options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    const producer = new RecordProducer(options, parseProducerSettings(''));
    const claim = (id: string, fields: object): Promise<void> => {
      const value = { id, what: 'a deployment', pid: 1, process: id, until: Date.now() + 100_000, ...fields };
      return producer.send({ topic: 'isobar-deployments', key: `lease of ${id}`, value: JSON.stringify(value) });
    };
    await claim('ended', { host: hostname(), pid: 4_194_303 });
    await claim('elsewhere', { host: 'another-machine', pid: 7 });
    const admin = await start();
    const waitsFor = async () =>
      ((await (await fetch(`${admin.url}/deployments`)).json()) as { waitsFor: string | null }).waitsFor;
    await eventually('the word', 60_000, async () =>
      expect(await waitsFor()).toBe('another stream-admin (process 7 on another-machine) is busy with a deployment'),
    );
    await producer.send({ topic: 'isobar-deployments', key: 'lease of elsewhere', value: null });
    await deployed(admin);
    await producer.close();
  }, 120_000);

  it('counts as its own what it had begun to make before it was killed', async () => {
    for (const admin of admins.splice(0)) await admin.stop();
    const sql = 'CREATE STREAM cut_short AS SELECT sensor_id, location FROM iot_sensors_stream EMIT CHANGES;';
    writeFileSync(join(folder, 'ksql/cut_short.sql'), `${sql}\n`);
    const { name, kind, textHash } = parsePipelineObject('cut_short.sql', sql);
    const options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    const producer = new RecordProducer(options, parseProducerSettings(''));
    const entry = {
      name,
      kind,
      textHash,
      sql,
      file: 'cut_short.sql',
      action: 'created',
      deployedAt: new Date().toISOString(),
    };
    await producer.send({ topic: 'isobar-deployments', key: `${name} (begun)`, value: JSON.stringify(entry) });
    await producer.close();
    const client = new KsqlClient({ url: server.url });
    await client.execute(sql);
    client.close();
    expect((await deployed(await start())).find((query) => query.name === name)).toMatchObject({
      version: 'up-to-date',
    });
  }, 120_000);

  it('reads its journal whole when the topic has more than one partition', async () => {
    for (const admin of admins.splice(0)) await admin.stop();
    const kafka = new KeptAdmin({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });
    await kafka.use((client) =>
      client.createPartitions({ topicPartitions: [{ topic: 'isobar-deployments', count: 3 }] }),
    );
    await kafka.close();
    const first = await start();
    await deployed(first);
    expect((await fetch(`${first.url}/queries/city_sensors/redeploy`, { method: 'POST' })).status).toBe(200);
    await first.stop();
    admins.splice(0);
    await deployed(await start());
  }, 180_000);
});
