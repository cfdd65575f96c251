import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeptAdmin, silentLog } from '@isobar/kafka';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startStreamAdmin } from './start-stream-admin.js';

const root = join(import.meta.dirname, '../../..');

interface Query {
  readonly name: string;
  readonly state: string;
  readonly version: string;
  readonly queryId: string | null;
  readonly error: string | null;
}

describe('stream-admin and the embedded server', () => {
  let stack: TestStack;
  let ksqlServer: KsqlServerProcess;
  let folder: string;
  let admin: RunningService;
  const sql = (file: string): string => join(folder, 'ksql', file);

  const start = (): Promise<RunningService> => startStreamAdmin(folder, stack, { KSQLDB_URL: ksqlServer.url });

  const get = async <T>(path: string): Promise<T> => (await fetch(admin.url + path)).json() as Promise<T>;

  /** What does not change while nobody changes anything; what is seen of the progress does. */
  const settled = async (): Promise<Partial<Query>[]> =>
    (await get<Query[]>('/queries')).map(({ name, state, version, queryId, error }) => ({
      name,
      state,
      version,
      queryId,
      error,
    }));

  async function deployed(): Promise<{ phase: string; failure: Record<string, unknown> | null }> {
    return eventually('the deployment', 30_000, async () => {
      const deployment = await get<{ phase: string; failure: Record<string, unknown> | null }>('/deployments');
      if (['deployed', 'failed'].includes(deployment.phase)) return deployment;
      throw new Error(JSON.stringify(await get('/readyz')));
    });
  }

  const restartAdmin = async (): Promise<void> => {
    await admin.stop();
    admin = await start();
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
    cpSync(join(root, 'ksql'), join(folder, 'ksql'), { recursive: true });
    mkdirSync(join(folder, 'connectors'));
    stack = await startTestStack({ parts: ['kafka'] });
    ksqlServer = await startKsqlServer(stack.kafkaBrokers);
    admin = await start();
  }, 120_000);

  afterAll(async () => {
    await admin?.stop();
    await ksqlServer?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('deploys every file of the pipeline, and is ready when all queries run', async () => {
    expect(await deployed()).toMatchObject({ phase: 'deployed', failure: null });
    const queries = await get<Query[]>('/queries');
    expect(queries.map(({ name, state, version }) => `${name} ${state} ${version}`)).toEqual(
      expect.arrayContaining(['IOT_SENSORS_STREAM DECLARED up-to-date', 'USER_CONDITIONS RUNNING up-to-date']),
    );
    expect(queries.filter(({ state }) => state !== 'RUNNING' && state !== 'DECLARED')).toEqual([]);
    await eventually('ready', 30_000, async () => {
      expect(await get('/readyz')).toMatchObject({ status: 'ready' });
    });
    expect(await get('/queries/user_conditions')).toMatchObject({
      name: 'USER_CONDITIONS',
      file: '30-people/user_conditions.sql',
      kind: 'TABLE',
      sources: ['USERS', 'CITY_CONDITIONS'],
      topic: 'user-conditions',
    });
  }, 60_000);

  it('leaves alone what already runs with the same text, also after a restart and a change of layout', async () => {
    const before = await settled();
    const file = sql('10-latest/city_sensors.sql');
    writeFileSync(file, `-- another remark\n${readFileSync(file, 'utf8').replace('SELECT', 'select')}`);
    await restartAdmin();
    expect(await deployed()).toMatchObject({ phase: 'deployed' });
    expect(await settled()).toEqual(before);
  }, 60_000);

  it('stops at a broken file with file, line, column and the words of the engine, and changes nothing that runs', async () => {
    const before = await settled();
    writeFileSync(
      sql('first.sql'),
      'CREATE STREAM good_one AS SELECT sensor_id, location FROM iot_sensors_stream EMIT CHANGES;\n',
    );
    writeFileSync(
      sql('second.sql'),
      '-- nobody measures this\nCREATE STREAM broken_one AS\n  SELECT sensor_id, smell FROM good_one EMIT CHANGES;\n',
    );
    await restartAdmin();
    expect(await deployed()).toMatchObject({
      phase: 'failed',
      failure: { file: 'second.sql', line: 3, column: expect.any(Number), reason: expect.stringMatching(/SMELL/i) },
    });
    await eventually('not ready', 30_000, async () => {
      const readiness = await get<{ status: string; parts: { queries: { reason: string } } }>('/readyz');
      expect(readiness.status).toBe('not ready');
      expect(readiness.parts.queries.reason).toMatch(/^second\.sql:3:\d+: SELECT column 'SMELL'/);
    });
    const queries = await get<Query[]>('/queries');
    expect(queries.find(({ name }) => name === 'GOOD_ONE')).toMatchObject({ state: 'ABSENT', version: 'pending' });
    expect((await settled()).filter(({ name }) => before.some((old) => old.name === name))).toEqual(before);
    rmSync(sql('first.sql'));
    rmSync(sql('second.sql'));
    expect((await fetch(`${admin.url}/deployments`, { method: 'POST' })).status).toBe(202);
    await delay(200);
    expect(await deployed()).toMatchObject({ phase: 'deployed', failure: null });
  }, 60_000);

  it('shows a changed file, and redeploys it with everything that reads it', async () => {
    const before = new Map((await get<Query[]>('/queries')).map((query) => [query.name, query]));
    const file = sql('10-latest/city_sensors.sql');
    writeFileSync(file, readFileSync(file, 'utf8').replace('COUNT(*) AS readings', 'COUNT(*) AS reading_count'));
    expect(await get('/queries/CITY_SENSORS')).toMatchObject({ version: 'changed', state: 'RUNNING' });

    const answer = await fetch(`${admin.url}/queries/city_sensors/redeploy`, { method: 'POST' });
    const { redeployed } = (await answer.json()) as { redeployed: string[] };
    expect([answer.status, redeployed.slice(0, 2)]).toEqual([200, ['CITY_SENSORS', 'CITY_CONDITIONS']]);
    expect(redeployed).toEqual(
      expect.arrayContaining(['CHECKED_READINGS', 'SENSOR_HEALTH', 'USER_CONDITIONS', 'USER_LOCAL_SENSORS']),
    );
    expect(redeployed).not.toContain('SENSOR_PAUSES');
    const after = await get<Query[]>('/queries');
    expect(after.filter(({ version }) => version !== 'up-to-date')).toEqual([]);
    const renewed = after.filter(({ name, queryId }) => before.get(name)?.queryId !== queryId).map(({ name }) => name);
    expect(renewed.sort()).toEqual(redeployed.toSorted());
  }, 60_000);

  it('drops nothing when the file to redeploy is broken', async () => {
    const before = await settled();
    const file = sql('10-latest/city_sensors.sql');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('LATEST_BY_OFFSET(state)', 'LATEST_BY_OFFSET(no_such_column)'));
    const answer = await fetch(`${admin.url}/queries/city_sensors/redeploy`, { method: 'POST' });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({
      detail: expect.stringMatching(/^10-latest\/city_sensors\.sql:\d+:\d+: /),
    });
    writeFileSync(file, text);
    expect(await settled()).toEqual(before);
    expect((await fetch(`${admin.url}/queries/nope/redeploy`, { method: 'POST' })).status).toBe(404);
  }, 60_000);

  it('goes on after a redeployment when a source that the joins read got more partitions', async () => {
    const kafka = new KeptAdmin({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });
    await kafka.use((client) => client.createPartitions({ topicPartitions: [{ topic: 'iot-sensors', count: 6 }] }));
    await kafka.close();
    const answer = await fetch(`${admin.url}/queries/sensor_signals/redeploy`, { method: 'POST' });
    const { redeployed, erased } = (await answer.json()) as { redeployed: string[]; erased: { topic: string }[] };
    // Their own source has as many partitions as before: the readings are joined with them.
    expect(erased.map(({ topic }) => topic).sort()).toEqual(['city-conditions', 'sensor-signals']);
    expect(redeployed).toEqual(expect.arrayContaining(['SENSOR_SIGNALS', 'CITY_CONDITIONS', 'CHECKED_READINGS']));
    await eventually('all that was redeployed', 60_000, async () => {
      const states = (await get<Query[]>('/queries')).filter(({ name }) => redeployed.includes(name));
      expect(states.filter(({ state, version }) => state !== 'RUNNING' || version !== 'up-to-date')).toEqual([]);
    });
  }, 120_000);
});
