import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { IncomingRecord } from '@isobar/kafka';
import { Database } from '../database/database.js';
import { ConsumedOffsets } from '../alerts/keeping/consumed-offsets.js';
import { TakeSignals } from '../alerts/signals/take-signals.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import { Retention } from './retention.js';

const dayMs = 24 * 3_600_000;
const nowMs = Date.now();
let service: ServiceOnPostgres;
let offset = 0;

beforeAll(async () => {
  service = await ServiceOnPostgres.start();
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

/** An alert of a person that came and went. @returns its id */
async function alertOf(userId: number, name: string): Promise<string> {
  const database = service.app.get(Database);
  await service.call('POST', `/users/${userId}/rules`, {
    ...{ name, metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 80, minDurationSeconds: 0 },
    ...{ clearDelaySeconds: 0, coolDownSeconds: 0 },
  });
  const [rule] = await service.sql(`UPDATE alert_rules SET since_ms = 0 WHERE name = '${name}' RETURNING id, limit_id`);
  const records = [70, 90, 90, 60, 60].map((value): IncomingRecord => {
    offset += 1;
    const atMs = nowMs - 200_000 + offset * 2_000;
    return {
      ...{ topic: 'reading-signals', partition: 0, offset: String(offset), headers: {}, timestampMs: atMs },
      key: Buffer.from(String(rule?.['limit_id'])),
      value: Buffer.from(JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${offset}` })),
    };
  });
  const signals = new TakeSignals(database, new ConsumedOffsets(database));
  // Told of its beginning, and then of its end.
  await signals.take(records.slice(0, 3));
  await signals.take(records.slice(3));
  const [alert] = await service.sql(
    `SELECT id FROM alerts WHERE rule_id = ${String(rule?.['id'])} AND ended_at_ms IS NOT NULL`,
  );
  return String(alert?.['id']);
}

const count = async (table: string, where = 'TRUE'): Promise<number> =>
  Number((await service.sql(`SELECT count(*) FROM ${table} WHERE ${where}`))[0]?.['count']);

it('what is over is kept for its time: first the evidence goes, then the alert with its history and its notices', async () => {
  const old = await alertOf(1, 'Old');
  const young = await alertOf(2, 'Young');
  await service.sql(`UPDATE alerts SET ended_at_ms = ${nowMs - 50 * dayMs} WHERE id = '${old}'`);
  const retention = new Retention(service.app.get(Database), { alerts: 60, evidence: 40, inbox: 365 });
  expect(await retention.run(nowMs)).toMatchObject({ alerts: 0, evidence: 1, inbox: 0 });
  expect(await retention.run(nowMs)).toMatchObject({ evidence: 0 });
  const steps = async (id: string) =>
    (
      (await service.call('GET', `/alerts/${id}/why`)).body as {
        steps: { rebuilt: boolean | null; evidence: object[] }[];
      }
    ).steps;
  expect((await steps(old)).map(({ rebuilt, evidence }) => [rebuilt, evidence])).toEqual([
    [null, []],
    [null, []],
  ]);
  expect((await steps(young)).every(({ rebuilt }) => rebuilt === true)).toBe(true);

  await service.sql("INSERT INTO idempotency_keys VALUES ('POST /users', 'k', 'h', NULL, 0)");
  await service.sql(`INSERT INTO official_warnings VALUES ('a', 'c', '{}', FALSE, 0), ('b', 'c', '{}', TRUE, 0)`);
  expect(await retention.run(nowMs + 11 * dayMs)).toMatchObject({
    ...{ alerts: 1, 'idempotency keys': 1, 'official warnings': 1 },
  });
  expect([await count('alerts', `id = '${old}'`), await count('alerts', `id = '${young}'`)]).toEqual([0, 1]);
  expect(await count('alert_transitions', `alert_id = '${old}'`)).toBe(0);
  expect(await count('inbox', `alert_id = '${old}'`)).toBe(0);
  expect(await count('inbox')).toBeGreaterThan(0);
  await new Retention(service.app.get(Database), { alerts: 365, evidence: 365, inbox: 1 }).run(nowMs + 2 * dayMs);
  expect(await count('inbox')).toBe(0);
});

it('of a person who is removed nothing is left in any table', async () => {
  const person = {
    username: 'erase.mebbet',
    fullName: 'Erase Mebbet',
    email: 'mebbet@isobar.example',
    cityKey: 'chicago-il',
  };
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': 'once' };
  const post = (path: string, body: object) =>
    fetch(`${service.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const path = (await post('/users', person)).headers.get('location') ?? '';
  const id = Number(path.split('/').at(-1));
  await post(`${path}/places`, { name: 'Mebbet house', cityKey: 'miami-fl' });
  await service.call('PUT', `${path}/official-warnings`, { from: 'Severe' });
  await service.sql(`INSERT INTO delivery_targets (user_id, channel, address, kinds, is_enabled, confirmed_at_ms, created_at_ms, updated_at_ms)
    VALUES (${id}, 'EMAIL', 'mebbet@isobar.example', '{raised,cleared}', TRUE, 0, 0, 0)`);
  await alertOf(id, 'Mebbet heat');
  const tables = (
    await service.sql(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    )
  ).map(({ name }) => String(name));
  const traces = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const table of tables) if ((await count(table, `${table}::text ILIKE '%mebbet%'`)) > 0) found.push(table);
    const columns = await service.sql(
      "SELECT table_name AS t FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'user_id'",
    );
    for (const { t } of columns)
      if ((await count(String(t), `user_id = ${id}`)) > 0) found.push(`${String(t)}.user_id`);
    return [...new Set(found)].toSorted();
  };
  expect(await traces()).toEqual(
    expect.arrayContaining([
      'alerts',
      'deliveries',
      'delivery_targets',
      'idempotency_keys',
      'inbox.user_id',
      'official_settings.user_id',
      'outbox',
      'places',
      'users',
    ]),
  );
  const limitsBefore = await count('alert_limits');
  expect((await service.call('DELETE', path)).status).toBe(204);
  // A tombstone for the topics may wait in the outbox under the bare id; it names nobody.
  expect((await traces()).filter((name) => name !== 'outbox.user_id')).toEqual([]);
  expect(await count('outbox', `user_id = ${id} AND payload IS NOT NULL`)).toBe(0);
  expect(await count('alert_limits')).toBeLessThanOrEqual(limitsBefore);
});
