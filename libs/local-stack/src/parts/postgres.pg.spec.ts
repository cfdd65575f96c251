import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { stackHome } from '../home.js';
import { loadSecrets } from '../secrets.js';
import { eventually, startTestStack, type TestStack } from '../testing/index.js';
import { postgresPart } from './postgres.js';

describe("PostgreSQL's part", () => {
  let stack: TestStack;
  let admin: pg.Client;
  beforeAll(async () => {
    stack = await startTestStack({ parts: ['postgres'] });
    const { port } = new URL(stack.databaseUrl);
    const { postgresPassword } = loadSecrets(stackHome(stack.folder));
    admin = new pg.Client({ host: '127.0.0.1', port: Number(port), user: 'postgres', password: postgresPassword });
    await admin.connect();
  }, 120_000);
  afterAll(async () => {
    await admin?.end();
    await stack?.stop();
  }, 60_000);

  it('is in trouble when a replication slot is lost, says which and what to do, and no more when it is gone', async () => {
    const home = stackHome(stack.folder);
    const part = postgresPart({ home, port: Number(new URL(stack.databaseUrl).port), secrets: loadSecrets(home) });
    await admin.query("SELECT pg_create_logical_replication_slot('isobar_users', 'pgoutput')");
    expect(await part.check()).toEqual({ ready: true, sees: expect.stringMatching(/^version 18/) });
    await admin.query("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
    await admin.query("ALTER SYSTEM SET min_wal_size = '32MB'");
    await admin.query("ALTER SYSTEM SET max_wal_size = '32MB'");
    await admin.query('SELECT pg_reload_conf()');
    await eventually('the slot to be lost', 60_000, async () => {
      await admin.query('CREATE TABLE IF NOT EXISTS filler (text text)');
      await admin.query("INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
      await admin.query('SELECT pg_switch_wal()');
      await admin.query('CHECKPOINT');
      expect(await part.check()).toMatchObject({
        ready: true,
        trouble: expect.stringMatching(/^replication slot lost: isobar_users \(.+\)\. .*npx isobar people resnapshot/),
      });
    });
    await admin.query("SELECT pg_drop_replication_slot('isobar_users')");
    expect(await part.check()).toEqual({ ready: true, sees: expect.stringMatching(/^version 18/) });
  }, 90_000);
});
