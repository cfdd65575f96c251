import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { epochMs, weatherAlertV1, type WeatherAlert } from '@isobar/contracts';
import { BadRecordError, type IncomingRecord } from '@isobar/kafka';
import { Database } from '../../database/database.js';
import { ServiceOnPostgres } from '../../testing/service-on-postgres.js';
import { ConsumedOffsets } from '../keeping/consumed-offsets.js';
import { FollowMoves } from './follow-moves.js';
import { TakeWarnings } from './take-warnings.js';

const minuteMs = 60_000;
let service: ServiceOnPostgres;
let warnings: TakeWarnings;
let offset = 0;
const nowMs = Date.now();

beforeAll(async () => {
  service = await ServiceOnPostgres.start();
  const database = service.app.get(Database);
  warnings = new TakeWarnings(database, new ConsumedOffsets(database));
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

beforeEach(async () => {
  await service.sql('TRUNCATE official_warnings, official_states, official_settings, inbox, notice_states');
  await service.sql(
    "DELETE FROM places; UPDATE users SET city_key = 'denver-co'; UPDATE users SET city_key = 'chicago-il' WHERE id IN (1, 2)",
  );
  // One sees each notice by itself.
  await service.sql(`INSERT INTO notice_settings (user_id, zone, break_through, digest_at, per_ten_minutes, per_day)
    SELECT id, 'UTC', 'CRITICAL', '07:00', 100, 100 FROM users ON CONFLICT DO NOTHING`);
});

function record(
  cityKey: string,
  minutes: number,
  changes: Partial<WeatherAlert> = {},
  id = 'KLOT.WS.W.0003',
): IncomingRecord {
  const { key, value } = weatherAlertV1.toRecord(`${cityKey}/${id}`, {
    ...{ event_id: `e${(offset += 1)}`, city_key: cityKey, city: 'City', state: 'IL', alert_id: `urn:oid:${offset}` },
    ...{
      status: 'active',
      event: 'Winter Storm Warning',
      severity: 'Severe',
      certainty: 'Likely',
      urgency: 'Expected',
    },
    ...{ headline: null, description: null, instruction: null, area: null, sender: null, source: 'nws' },
    starts_at: epochMs(nowMs),
    ends_at: epochMs(nowMs + 600 * minuteMs),
    issued_at: epochMs(nowMs + minutes * minuteMs),
    fetched_at: epochMs(nowMs + minutes * minuteMs + 1_000),
    ...changes,
  });
  return {
    ...{ topic: 'weather-alerts', partition: 0, offset: String(offset), headers: {}, timestampMs: nowMs },
    key: Buffer.from(key),
    value: Buffer.from(value),
  };
}

const told = async () =>
  (await service.sql('SELECT user_id, kind, body FROM inbox ORDER BY user_id, id')).map(
    ({ user_id: id, kind }) => `${String(id)} ${String(kind)}`,
  );

it('an event is told once to everybody who has a place in its area, whatever its cities and messages', async () => {
  await service.call('POST', '/users/2/places', { name: 'Work', cityKey: 'miami-fl' });
  await service.call('POST', '/users/3/places', { name: 'Work', cityKey: 'miami-fl' });
  const records = [record('chicago-il', 0), record('miami-fl', 1), record('chicago-il', 2), record('miami-fl', 3)];
  expect(await warnings.take(records)).toBe(4);
  // The same again, as after a rebalance: they were taken.
  expect(await warnings.take(records)).toBe(0);
  expect(await told()).toEqual(['1 raised', '2 raised', '3 raised']);
  const [first] = await service.sql('SELECT body, alert_id FROM inbox LIMIT 1');
  expect([first?.['body'], first?.['alert_id']]).toEqual([
    expect.stringMatching(/^Winter Storm Warning \(official warning\) is in force since/),
    null,
  ]);

  await warnings.take([
    record('chicago-il', 4, { certainty: 'Observed' }),
    record('chicago-il', 5, { certainty: 'Observed' }),
  ]);
  expect(await told()).toEqual(['1 raised', '1 changed', '2 raised', '2 changed', '3 raised']);
  // A tombstone, or a list that misses it, ends nothing; a word does, in all cities of a person.
  await warnings.take([{ ...record('chicago-il', 6), value: null }, record('chicago-il', 7, { status: 'cancelled' })]);
  expect((await told()).filter((line) => line.endsWith('cleared'))).toEqual(['1 cleared']);
  await warnings.take([record('miami-fl', 8, { status: 'expired' })]);
  expect((await told()).filter((line) => line.endsWith('cleared'))).toEqual(['1 cleared', '2 cleared', '3 cleared']);
});

it('a person hears from their own severity on, and nothing with NONE', async () => {
  expect((await service.call('PUT', '/users/1/official-warnings', { from: 'Severe' })).status).toBe(200);
  expect((await service.call('PUT', '/users/2/official-warnings', { from: 'NONE' })).body).toMatchObject({
    from: 'NONE',
  });
  expect((await service.call('PUT', '/users/2/official-warnings', { from: 'Loud' })).status).toBe(422);
  await service.call('POST', '/users/3/places', { name: 'Work', cityKey: 'chicago-il' });
  await warnings.take([record('chicago-il', 0, { severity: 'Moderate' })]);
  expect(await told()).toEqual(['3 raised']);
  await warnings.take([record('chicago-il', 1, { severity: 'Severe' })]);
  expect(await told()).toEqual(['1 changed', '3 raised', '3 changed']);
  await warnings.take([record('chicago-il', 2, { status: 'cancelled' })]);
  expect((await told()).filter((line) => line.endsWith('cleared'))).toEqual(['1 cleared', '3 cleared']);
});

it('who comes to a city with a warning is told, and who leaves is told no more', async () => {
  await warnings.take([record('chicago-il', 0)]);
  const moves = service.app.get(FollowMoves);
  await service.call('PATCH', '/users/4', { cityKey: 'chicago-il' });
  await service.call('PATCH', '/users/1', { cityKey: 'miami-fl' });
  await moves.follow(nowMs);
  await moves.follow(nowMs);
  expect(await told()).toEqual(['1 raised', '2 raised', '4 raised']);
  await warnings.take([record('chicago-il', 1, { status: 'cancelled' })]);
  expect((await told()).filter((line) => line.endsWith('cleared'))).toEqual(['2 cleared', '4 cleared']);
  expect((await service.call('GET', '/users/4/official-warnings')).body).toEqual({ from: 'Minor', items: [] });
});

it('who moves within the area of an event, or goes and comes back, hears of it once, and of its end', async () => {
  await warnings.take([record('chicago-il', 0), record('miami-fl', 1)]);
  const moves = service.app.get(FollowMoves);
  const move = async (userId: number, cityKey: string) =>
    expect((await service.call('PATCH', `/users/${userId}`, { cityKey })).status).toBe(200);
  // From one city of the event to another: to this person the other message is no other event.
  await move(1, 'miami-fl');
  await move(2, 'new-york-ny');
  await moves.follow(nowMs);
  await move(2, 'chicago-il');
  await moves.follow(nowMs);
  expect(await told()).toEqual(['1 raised', '2 raised']);
  await warnings.take([record('chicago-il', 2, { status: 'cancelled' })]);
  expect(await told()).toEqual(['1 raised', '2 raised', '2 cleared']);
  await warnings.take([record('miami-fl', 3, { status: 'cancelled' })]);
  expect(await told()).toEqual(['1 raised', '1 cleared', '2 raised', '2 cleared']);
});

it('what others wrote takes nobody down, and a record that is none is set aside', async () => {
  await service.sql(`INSERT INTO official_warnings VALUES ('odd', 'chicago-il', '{"city_key": 1}', TRUE, 0)`);
  // Of a time that no calendar has, which could not be put in words.
  const timeless = {
    ...(JSON.parse(String(record('chicago-il', 0).value)) as object),
    key: 'chicago-il/odd',
    starts_at: 9e15,
  };
  await service.sql(
    `INSERT INTO official_warnings VALUES ('chicago-il/odd', 'chicago-il', '${JSON.stringify(timeless)}', TRUE, 0)`,
  );
  await service.sql(`INSERT INTO official_states VALUES (1, '{}', '{}')`);
  await service.sql(`INSERT INTO official_settings VALUES (2, 'loud')`);
  await service.app.get(FollowMoves).follow(nowMs);
  await warnings.take([record('chicago-il', 0)]);
  expect(await told()).toEqual(['1 raised', '2 raised']);
  expect(await service.call('GET', '/users/2/official-warnings')).toMatchObject({
    status: 200,
    body: { from: 'Minor', items: [{ event: 'Winter Storm Warning' }] },
  });
  for (const bad of [
    { ...record('chicago-il', 1), value: Buffer.from('{}') },
    record('chicago-il', 1, { starts_at: epochMs(9e15) }),
  ])
    await expect(warnings.take([bad])).rejects.toThrow(BadRecordError);
});
