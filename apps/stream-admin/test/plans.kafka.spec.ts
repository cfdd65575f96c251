import { KsqlClient } from '@isobar/ksql-client';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStreamAdmin } from './start-stream-admin.js';

interface Plan {
  readonly id: string;
  readonly changes: number;
  readonly items: readonly { readonly name: string; readonly verdict: string; readonly reason: string | null }[];
}

const readings =
  "CREATE STREAM readings (id VARCHAR KEY, value INT) WITH (KAFKA_TOPIC='iot-sensors', VALUE_FORMAT='JSON');";
const high = 'CREATE STREAM high AS SELECT id, value FROM readings WHERE value > 10 EMIT CHANGES;';
const totals = 'CREATE TABLE totals AS SELECT id, COUNT(*) AS n FROM high GROUP BY id EMIT CHANGES;';

describe('plans', () => {
  let stack: TestStack;
  let server: KsqlServerProcess;
  let ksql: KsqlClient;
  let admin: RunningService;
  let folder: string;
  const write = (name: string, sql: string): void => writeFileSync(join(folder, 'ksql', name), `${sql}\n`);
  const send = async <T>(
    path: string,
    body: unknown = {},
  ): Promise<T & { status: number; title: string; detail: string }> => {
    const response = await fetch(admin.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as T & { title: string; detail: string }) };
  };
  const plan = async (): Promise<Plan> => {
    const made = await send<Plan>('/plans');
    if (made.status !== 201) throw new Error(JSON.stringify(made));
    return made;
  };
  const verdicts = ({ items }: Plan): string[] =>
    items.map(({ name, verdict, reason }) => `${name} ${verdict} ${reason}`);
  const versions = async (): Promise<string[]> =>
    ((await (await fetch(`${admin.url}/queries`)).json()) as { name: string; version: string }[]).map(
      ({ name, version }) => `${name} ${version}`,
    );

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-plans-'));
    for (const name of ['ksql', 'connectors']) mkdirSync(join(folder, name));
    write('1-readings.sql', readings);
    write('2-high.sql', high);
    write('3-totals.sql', totals);
    stack = await startTestStack({ parts: ['kafka'] });
    server = await startKsqlServer(stack.kafkaBrokers);
    ksql = new KsqlClient({ url: server.url });
    admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: server.url });
    await eventually('the deployment', 60_000, async () =>
      expect(await (await fetch(`${admin.url}/deployments`)).json()).toMatchObject({ phase: 'deployed' }),
    );
  }, 120_000);
  afterAll(async () => {
    await admin?.stop();
    ksql?.close();
    await server?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('say what would be done, change nothing, and are carried out exactly, or not at all', async () => {
    expect(verdicts(await plan())).toEqual(['READINGS no change null', 'HIGH no change null', 'TOTALS no change null']);

    write('2-high.sql', high.replace('> 10', '> 20'));
    write('4-low.sql', 'CREATE STREAM low AS SELECT id, value FROM readings WHERE value < 0 EMIT CHANGES;');
    const seen = await plan();
    expect(verdicts(seen)).toEqual([
      'READINGS no change null',
      'HIGH in place filter-or-expression',
      'TOTALS no change null',
      'LOW new null',
    ]);
    expect((await plan()).id).toBe(seen.id);
    const before = await ksql.listQueries();
    expect(before.map(({ queryString }) => queryString).filter((text) => text.includes('> 20'))).toEqual([]);

    for (const value of [5, 15, 25, 16]) await ksql.insert('READINGS', { ID: 'a', VALUE: value });
    const { objects } = await send<{ objects: Record<string, unknown>[] }>('/plans/preview', { hours: 1 });
    expect(objects).toMatchObject([{ name: 'HIGH', added: 0, gone: 2, changed: 0, same: 1, taken: 4, of: 4 }]);

    await ksql.execute('CREATE STREAM other AS SELECT id, value FROM high EMIT CHANGES;');
    expect(await send(`/plans/${seen.id}/deploy`)).toMatchObject({
      status: 409,
      detail: expect.stringMatching(/^Changed since .*: OTHER$/),
    });
    expect((await ksql.listQueries()).length).toBe(before.length + 1);
    const next = await plan();
    expect(verdicts(next)).toContain('OTHER unmanaged null');
    expect(await send(`/plans/${next.id}/deploy`)).toMatchObject({
      status: 200,
      created: ['LOW'],
      replaced: ['HIGH'],
      redeployed: [],
    });
    const after = await ksql.listQueries();
    const idOf = (name: string, queries: typeof after) => queries.find(({ sinks }) => sinks.includes(name))?.id;
    expect(idOf('HIGH', after)).toBe(idOf('HIGH', before));
    expect((await plan()).changes).toBe(0);
    expect(await versions()).toEqual([
      'READINGS up-to-date',
      'HIGH up-to-date',
      'TOTALS up-to-date',
      'LOW up-to-date',
      'OTHER unmanaged',
    ]);
  }, 60_000);

  it('want it said that rows come again, see what was done by hand, and stop at what is blocked', async () => {
    await ksql.execute('DROP STREAM other;');
    write('3-totals.sql', totals.replace('COUNT(*) AS n', 'COUNT(*) AS n, MAX(value) AS most'));
    const wider = await plan();
    expect(verdicts(wider)).toContain('TOTALS side by side filter-on-unselected-column');
    expect(await send(`/plans/${wider.id}/deploy`)).toMatchObject({
      status: 422,
      detail: 'TOTALS (filter-on-unselected-column)',
    });
    expect(await send(`/plans/${wider.id}/deploy`, { acceptsRepeats: true })).toMatchObject({ redeployed: ['TOTALS'] });

    await ksql.execute(
      'CREATE OR REPLACE STREAM high AS SELECT id, value FROM readings WHERE value > 99 EMIT CHANGES;',
    );
    const drifted = await plan();
    expect(verdicts(drifted)).toContain('HIGH drifted changed-by-hand');
    expect(await send(`/plans/${drifted.id}/deploy`)).toMatchObject({ status: 200, left: ['HIGH'] });

    write('4-low.sql', 'CREATE STREAM low AS\n  SELECT id, nothing FROM readings EMIT CHANGES;');
    const blocked = await plan();
    expect(verdicts(blocked)).toContain('LOW blocked engine-rejected');
    expect(await send(`/plans/${blocked.id}/deploy`)).toMatchObject({
      status: 422,
      detail: expect.stringMatching(/^LOW: 4-low\.sql:2:14: /),
    });
  }, 60_000);
});
