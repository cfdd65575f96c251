import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeptAdmin, readTopic, silentLog } from '@isobar/kafka';
import { eventually, randomFreePorts, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { ConnectorReport } from '../src/connectors/keep-connector.js';
import { startStreamAdmin } from './start-stream-admin.js';

const root = join(import.meta.dirname, '../../..');
const name = 'postgres-users-source';

describe('stream-admin and a broken replication of people', () => {
  let stack: TestStack;
  let folder: string;
  let admin: RunningService;
  let people: ChildProcess;

  const report = async (): Promise<ConnectorReport> =>
    (await (await fetch(`${admin.url}/connectors/${name}`)).json()) as ConnectorReport;
  const reported = (what: string, isSo: (found: ConnectorReport) => boolean): Promise<ConnectorReport> =>
    eventually(what, 90_000, async () => {
      const last = await report();
      if (!isSo(last)) throw new Error(`last seen: ${JSON.stringify(last)}`);
      return last;
    });
  const sql = async (url: string, ...statements: string[]): Promise<Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    await client.end();
    return rows;
  };
  const owner = (...statements: string[]) => sql(stack.databaseUrl, ...statements);
  const superuser = (...statements: string[]) => {
    const url = new URL(stack.databaseUrl);
    url.username = 'postgres';
    url.password = readFileSync(join(stack.folder, 'secrets/postgres-password'), 'utf8').trim();
    return sql(url.href, ...statements);
  };
  const connectCall = (method: string, path: string) =>
    fetch(`${stack.connectUrl}/connectors/${name}${path}`, { method });

  /** The people as a reader of the topic sees them: the newest record of each key. */
  async function inTopic(): Promise<Map<string, string>> {
    const rows = new Map<string, string>();
    await readTopic({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog }, 'postgres-users', (record) => {
      const key = String(record.key);
      if (record.value === null) rows.delete(key);
      else rows.set(key, (JSON.parse(record.value.toString()) as { full_name: string }).full_name);
    });
    return rows;
  }
  const topicAndTableAgree = (): Promise<void> =>
    eventually('topic and table agree', 60_000, async () => {
      const table = await owner('SELECT id, full_name FROM users');
      const expected = table.map((row) => [String(row['id']), String(row['full_name'])]);
      expect([...(await inTopic())].sort()).toEqual(expected.sort());
    });
  const resnapshot = async () => {
    const answer = await fetch(`${admin.url}/connectors/${name}/resnapshot`, { method: 'POST' });
    return { status: answer.status, body: await answer.json() };
  };
  const slotIsRead = () =>
    eventually('the slot is read', 60_000, async () => {
      expect(await owner('SELECT active FROM pg_replication_slots')).toEqual([{ active: true }]);
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
    mkdirSync(join(folder, 'ksql'));
    cpSync(join(root, 'connectors'), join(folder, 'connectors'), { recursive: true });
    stack = await startTestStack({ parts: ['kafka', 'postgres', 'connect'] });
    const [port = 0] = await randomFreePorts(1);
    people = spawn(process.execPath, [join(root, 'apps/user-service/dist/main.js')], {
      env: { ...process.env, PORT: String(port), DATABASE_URL: stack.databaseUrl, LOG_LEVEL: 'warn' },
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    await eventually('user-service', 60_000, async () =>
      expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200),
    );
    admin = await startStreamAdmin(folder, stack, {
      CONNECT_URL: stack.connectUrl,
      USER_SERVICE_URL: `http://127.0.0.1:${port}`,
      KSQLDB_URL: 'http://127.0.0.1:1', // not part of this story
    });
    await reported('the first snapshot', ({ state }) => state === 'running');
    await topicAndTableAgree();
  }, 300_000);

  afterAll(async () => {
    await admin?.stop();
    if (people?.exitCode === null && people.kill('SIGTERM')) await once(people, 'exit');
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('is red within seconds when the slot is dropped, restarts nothing in vain, and a new snapshot mends it', async () => {
    await slotIsRead();
    await superuser('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots');
    await eventually('the drop', 30_000, () => superuser("SELECT pg_drop_replication_slot('isobar_users')"));
    await owner(
      'DELETE FROM users WHERE id IN (SELECT min(id) FROM users)',
      "UPDATE users SET full_name = 'Changed Meanwhile' WHERE id IN (SELECT max(id) FROM users)",
    );
    const broken = await reported('red', ({ state }) => state === 'failed');
    expect(broken).toMatchObject({
      reason:
        'the replication slot isobar_users is gone and changes since then are lost; take a new snapshot: npx isobar people resnapshot',
      restarts: 0,
    });
    expect(await resnapshot()).toEqual({ status: 200, body: { removedKeys: 1 } });
    await reported('it runs again', ({ state, restarts }) => state === 'running' && restarts === 0);
    await topicAndTableAgree();
    await owner("UPDATE users SET full_name = 'After It' WHERE id IN (SELECT max(id) FROM users)");
    await topicAndTableAgree();
    const held = (await (await connectCall('GET', '/config')).json()) as object;
    expect(held).not.toHaveProperty('slot.drop.on.stop');
  }, 240_000);

  it('names the reason why PostgreSQL invalidated a slot, and gets rid of it', async () => {
    await connectCall('PUT', '/stop');
    await eventually('the slot is left', 60_000, async () =>
      expect(await owner('SELECT active FROM pg_replication_slots')).toEqual([{ active: false }]),
    );
    await superuser("ALTER SYSTEM SET idle_replication_slot_timeout = '1s'", 'SELECT pg_reload_conf()');
    await eventually('the slot is invalidated', 60_000, async () => {
      await superuser("SELECT pg_logical_emit_message(false, 'x', 'y')", 'SELECT pg_switch_wal()', 'CHECKPOINT');
      expect(await owner('SELECT wal_status FROM pg_replication_slots')).toEqual([{ wal_status: 'lost' }]);
    });
    await superuser('ALTER SYSTEM RESET idle_replication_slot_timeout', 'SELECT pg_reload_conf()');
    await owner('DELETE FROM users WHERE id IN (SELECT min(id) FROM users)');
    await connectCall('PUT', '/resume');
    await reported('red', ({ reason }) => reason?.includes('isobar_users was invalidated (idle_timeout)') === true);
    expect(await resnapshot()).toEqual({ status: 200, body: { removedKeys: 1 } });
    await topicAndTableAgree();
  }, 240_000);

  it('is red when the publication is dropped, and makes it with the new snapshot', async () => {
    await slotIsRead();
    await owner('DROP PUBLICATION isobar_publication');
    await reported('red', ({ reason }) => reason?.startsWith('the publication isobar_publication is gone') === true);
    await owner("UPDATE users SET full_name = 'Unpublished' WHERE id IN (SELECT max(id) FROM users)");
    expect(await resnapshot()).toMatchObject({ status: 200 });
    await topicAndTableAgree();
  }, 240_000);

  it('brings all people again when their topic was deleted, by itself', async () => {
    await reported('it runs', ({ state }) => state === 'running');
    const kafka = new KeptAdmin({ brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog });
    await kafka.use((client) => client.deleteTopics({ topics: ['postgres-users'] }));
    await kafka.close();
    await eventually('the loss', 60_000, async () => {
      const { losses } = (await (await fetch(`${admin.url}/topics/postgres-users`)).json()) as {
        losses: { consequence: string }[];
      };
      expect(losses[0]?.consequence).toBe(`its rows come again by a new snapshot of ${name}`);
    });
    await topicAndTableAgree();
    await reported('it runs again', ({ state }) => state === 'running');
    await owner("UPDATE users SET full_name = 'Still Followed' WHERE id IN (SELECT max(id) FROM users)");
    await topicAndTableAgree();
  }, 240_000);
});
