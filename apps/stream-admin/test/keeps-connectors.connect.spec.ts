import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startStreamAdmin } from './start-stream-admin.js';
import type { ConnectorReport } from '../src/connectors/keep-connector.js';

const root = join(import.meta.dirname, '../../..');

describe('stream-admin and Kafka Connect', () => {
  let stack: TestStack;
  let folder: string;
  let admin: RunningService;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
    cpSync(join(root, 'connectors'), join(folder, 'connectors'), { recursive: true });
    stack = await startTestStack({ parts: ['kafka', 'postgres', 'connect'] });
    admin = await startStreamAdmin(folder, stack, {
      CONNECT_URL: stack.connectUrl,
      KSQLDB_URL: 'http://127.0.0.1:1', // not part of this story
      KSQL_DIR: join(root, 'ksql'),
    });
  }, 180_000);

  afterAll(async () => {
    await admin?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  const report = async (): Promise<ConnectorReport> => {
    const answer = await fetch(`${admin.url}/connectors/postgres-users-source`);
    return (await answer.json()) as ConnectorReport;
  };

  const reported = (what: string, check: (report: ConnectorReport) => boolean): Promise<ConnectorReport> =>
    eventually(what, 60_000, async () => {
      const last = await report();
      if (!check(last)) throw new Error(`last seen: ${JSON.stringify(last)}`);
      return last;
    });

  const sql = async (...statements: string[]): Promise<void> => {
    const client = new pg.Client({ connectionString: stack.databaseUrl });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  it('shows the failed task with its trace while the database is not prepared, and brings it to run by itself when it is', async () => {
    const failed = await reported('the failure', ({ state, tasks }) => state === 'failed' && tasks.length > 0);
    expect(failed.tasks[0]).toMatchObject({
      id: 0,
      state: 'FAILED',
      trace: expect.stringContaining('Publication autocreation is disabled'),
    });
    const readiness = (await (await fetch(`${admin.url}/readyz`)).json()) as {
      parts: { connectors: { reason: string } };
    };
    expect(readiness.parts.connectors.reason).toMatch(
      /^postgres-users-source is failed: connector RUNNING, task 0 FAILED; .*Publication autocreation/,
    );

    await sql(
      'CREATE TABLE users (id bigint PRIMARY KEY, username text)',
      'GRANT SELECT ON users TO isobar_cdc',
      'CREATE PUBLICATION isobar_publication FOR TABLE users',
    );
    const running = await reported('the recovery', ({ state }) => state === 'running');
    expect(running).toMatchObject({ connectState: 'RUNNING', reason: null, tasks: [{ id: 0, state: 'RUNNING' }] });
    expect(running.restarts).toBeGreaterThan(0);
  }, 150_000);

  it('shows neither password nor configuration', async () => {
    const shown = await (await fetch(`${admin.url}/connectors`)).text();
    expect(shown).not.toMatch(/database\.password|\$\{env/);
    const held = (await (await fetch(`${stack.connectUrl}/connectors/postgres-users-source/config`)).json()) as object;
    expect(held).toMatchObject({ 'database.password': '${env:ISOBAR_CDC_PASSWORD}' });
  }, 30_000);

  it('puts the connector back when somebody removes it', async () => {
    await fetch(`${stack.connectUrl}/connectors/postgres-users-source`, { method: 'DELETE' });
    await reported('the removal is noticed', ({ state }) => state !== 'running');
    await reported('it is back', ({ state }) => state === 'running');
  }, 90_000);
});
