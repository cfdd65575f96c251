import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RetryLaterError, type IncomingRecord } from '@isobar/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { Database } from '../database/database.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import type { AlertView, NoticeView } from './alert-fields.js';
import { AlertClock } from './clock/alert-clock.js';
import { NoticeClock } from './clock/notice-clock.js';
import { ConsumedOffsets } from './keeping/consumed-offsets.js';
import { TakeSignals } from './signals/take-signals.js';

const topic = 'reading-signals';
const stepMs = 5_000;

let service: ServiceOnPostgres;
let signals: TakeSignals;
let offset = 0;
beforeAll(async () => {
  service = await ServiceOnPostgres.start();
  const database = service.app.get(Database);
  signals = new TakeSignals(database, new ConsumedOffsets(database));
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

const startMs = Date.now() - 3_600_000;
const record = (limitId: number, value: number): IncomingRecord => {
  offset += 1;
  const atMs = startMs + offset * stepMs;
  return {
    ...{ topic, partition: 0, offset: String(offset), headers: {}, timestampMs: atMs },
    key: Buffer.from(String(limitId)),
    value: Buffer.from(JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${offset}` })),
  };
};

async function addRule(userId: number, changes: object = {}): Promise<{ id: number; limitId: number }> {
  const made = await service.call('POST', `/users/${userId}/rules`, {
    ...{ name: 'Hot', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 80, minDurationSeconds: 0 },
    ...{ clearDelaySeconds: 0, coolDownSeconds: 0 },
    ...changes,
  });
  expect(made.status).toBe(201);
  const { id } = made.body as { id: number };
  // It is as if it had been there when its values come from.
  const [row] = await service.sql(`UPDATE alert_rules SET since_ms = 0 WHERE id = ${id} RETURNING limit_id`);
  return { id, limitId: Number(row?.['limit_id']) };
}

const openOf = async (userId: number): Promise<AlertView[]> =>
  ((await service.call('GET', `/users/${userId}/alerts?state=open`)).body as { items: AlertView[] }).items;

afterEach(async () => {
  await service.sql('DELETE FROM alert_rules');
  await service.sql('DELETE FROM inbox');
  await service.sql('DELETE FROM notice_states');
});

const inboxOf = async (userId: number, query = '') =>
  (await service.call('GET', `/users/${userId}/inbox${query}`)).body as {
    items: NoticeView[];
    nextCursor: number | null;
  };
const kindsOf = async (userId: number): Promise<string[]> => (await inboxOf(userId)).items.map(({ kind }) => kind);
const heldOf = async (userId: number): Promise<{ kind: string }[]> => {
  const [row] = await service.sql(`SELECT state->'held' AS held FROM notice_states WHERE user_id = ${userId}`);
  return ((row?.['held'] ?? []) as { line: { key: { kind: string } } }[]).map(({ line }) => line.key);
};
const notices = () => new NoticeClock(service.app.get(Database));

describe('what others wrote, and a database that cannot work', () => {
  it('a zone that is none and a state that is none take nobody else down', async () => {
    // One limit, since all of them live in one city and ask the same.
    await service.sql("UPDATE users SET city_key = 'chicago-il' WHERE id IN (1, 2, 3)");
    const { limitId } = await addRule(1);
    const night = { from: '00:00', to: '23:59', zone: 'America/Chicago' };
    const onMars = await addRule(2, { quietHours: night });
    const odd = await addRule(3);
    await service.sql(`UPDATE alert_rules SET quiet_zone = 'Mars/Phobos' WHERE id = ${onMars.id}`);
    await service.sql(`UPDATE alert_states SET state = '{}', is_idle = FALSE WHERE rule_id = ${odd.id}`);
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await openOf(1)).toHaveLength(1);
    expect(await openOf(2)).toHaveLength(1);
    expect(await openOf(3)).toEqual([]);
  });

  it('time goes on for rules behind a page of states that are none', async () => {
    await service.sql(`
      INSERT INTO alert_rules (user_id, name, metric, comparison, threshold, deadband, on_delay_ms, off_delay_ms, cool_down_ms,
        severity, channels, enabled)
      SELECT 2, 'Odd', 'SENSOR_TEMPERATURE', 'ABOVE', 120, 1, 0, 0, 0, 'INFO', '{INBOX}', TRUE FROM generate_series(1, 500)`);
    await service.sql("UPDATE alert_states SET state = '{}', is_idle = FALSE");
    const { id, limitId } = await addRule(1);
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await openOf(1)).toHaveLength(1);
    await service.sql(`UPDATE alert_rules SET enabled = FALSE WHERE id = ${id}`);
    // The service's own clock may have the turn.
    await eventually('the alert of a rule that was disabled is over', 10_000, async () => {
      await new AlertClock(service.app.get(Database)).tick(Date.now(), async () => true);
      expect(await openOf(1)).toEqual([]);
    });
  });

  it('what is found again is the same, and no refusal', async () => {
    const { id, limitId } = await addRule(1);
    const [high, low] = [record(limitId, 90), record(limitId, 60)];
    await signals.take([high, low, record(limitId, 60)]);
    const told = await service.sql('SELECT notice_key FROM inbox ORDER BY id');
    // Somebody mends a state by removing it, and the values are said again.
    await service.sql(`DELETE FROM alert_states WHERE rule_id = ${id}`);
    await signals.take([high, low, record(limitId, 60)].map((again) => ({ ...again, offset: String((offset += 1)) })));
    expect(await service.sql('SELECT notice_key FROM inbox ORDER BY id')).toEqual(told);
    expect(await openOf(1)).toEqual([]);
  });

  it('a database without one of its tables keeps the signals waiting, and none is set aside', async () => {
    const { limitId } = await addRule(1);
    const records = [record(limitId, 90), record(limitId, 91)];
    await service.sql('ALTER TABLE alert_states RENAME TO hidden_states');
    await expect(signals.take(records)).rejects.toThrow(RetryLaterError);
    await service.sql('ALTER TABLE hidden_states RENAME TO alert_states');
    expect(await signals.take(records)).toBe(2);
    expect(await openOf(1)).toHaveLength(1);
  });
});

const hourMs = 3_600_000;
/** Quiet hours that hold now and in ten minutes. */
const night = () => {
  const timeIn = (hours: number): string => new Date(Date.now() + hours * hourMs).toISOString().slice(11, 16);
  return { quietHours: { from: timeIn(-1), to: timeIn(3), zone: 'UTC' } };
};
const morningMs = (): number => Date.now() + 3 * hourMs + 60_000;

describe('what waits for the morning', () => {
  it('is one line for what began, fell silent and ended in the night', async () => {
    const { limitId } = await addRule(1, night());
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    const clock = new AlertClock(service.app.get(Database));
    await eventually('silence is known of', 10_000, async () => {
      await clock.tick(Date.now() + 600_000, async () => true);
      expect(await openOf(1)).toMatchObject([{ state: 'no data' }]);
    });
    expect(await heldOf(1)).toMatchObject([{ kind: 'raised' }]);
    await signals.take([record(limitId, 60), record(limitId, 60)]);
    expect(await heldOf(1)).toMatchObject([{ kind: 'was' }]);
    expect(await kindsOf(1)).toEqual([]);
    // What is past comes with the next digest.
    await notices().tick(morningMs() + 24 * hourMs);
    await notices().tick(morningMs() + 48 * hourMs);
    expect((await inboxOf(1)).items).toMatchObject([{ kind: 'was', delivery: 'DIGEST' }]);
    expect(await heldOf(1)).toEqual([]);
  });

  it('is one notice for all rules, new in the morning before what was told in the night', async () => {
    const asleep = await addRule(1, { ...night(), name: 'Asleep' });
    const severe = await addRule(1, { ...night(), name: 'Asleep too', threshold: 82, severity: 'INFO' });
    const awake = await addRule(1, { name: 'Awake', threshold: 85 });
    for (const { limitId } of [asleep, severe, awake])
      await signals.take([record(limitId, 90), record(limitId, 90), record(limitId, 90)]);
    const names = ({ items }: { items: readonly NoticeView[] }): string[] =>
      items.map(({ body }) => body.split(':')[0] ?? '');
    expect(names(await inboxOf(1))).toEqual(['Awake']);
    await notices().tick(morningMs());
    const { items } = await inboxOf(1);
    expect(names({ items })).toEqual(['Asleep', 'Asleep too', 'Awake']);
    expect(items[0]?.noticeId).toBe(items[1]?.noticeId);
    expect(items[1]?.noticeId).not.toBe(items[2]?.noticeId);
    const first = await inboxOf(1, '?limit=1');
    expect(names(first)).toEqual(['Asleep']);
    const second = await inboxOf(1, `?limit=2&cursor=${first.nextCursor}`);
    expect([names(second), second.nextCursor]).toEqual([['Asleep too', 'Awake'], null]);
  });

  it('does not wait when it becomes critical', async () => {
    const { limitId } = await addRule(1, night());
    const critical = await addRule(1, { ...night(), severity: 'CRITICAL', threshold: 81 });
    for (const each of [limitId, critical.limitId]) await signals.take([record(each, 90), record(each, 91)]);
    expect((await inboxOf(1)).items).toMatchObject([{ kind: 'raised', severity: 'CRITICAL', delivery: 'INTERRUPT' }]);
    expect(await heldOf(1)).toHaveLength(1);
  });

  it.each([
    ['changed', (path: string) => service.call('PATCH', path, { threshold: 70 })],
    ['disabled', (path: string) => service.call('PATCH', path, { enabled: false })],
    ['removed', (path: string) => service.call('DELETE', path)],
  ])('is withdrawn with a rule that was %s', async (_, end) => {
    const { id, limitId } = await addRule(1, night());
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await heldOf(1)).toMatchObject([{ kind: 'raised' }]);
    expect((await end(`/users/1/rules/${id}`)).status).toBeLessThan(300);
    await eventually('nothing waits', 10_000, async () => expect(await heldOf(1)).toEqual([]));
    await notices().tick(morningMs());
    expect(await kindsOf(1)).toEqual([]);
  });
});

describe('how much a person is told', () => {
  it('is one interruption in ten minutes; what comes meanwhile is one notice after them', async () => {
    const rules = [];
    for (const threshold of [70, 71, 72]) rules.push(await addRule(1, { name: `Over ${threshold}`, threshold }));
    for (const { limitId } of rules) await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await kindsOf(1)).toEqual(['raised']);
    expect(await heldOf(1)).toHaveLength(2);
    // Replicas look at the same time.
    await Promise.all([1, 2, 3].map(() => notices().tick(Date.now() + 601_000)));
    const { items } = await inboxOf(1);
    expect(items.map(({ kind }) => kind)).toEqual(['raised', 'raised', 'raised']);
    expect(new Set(items.map(({ noticeId }) => noticeId)).size).toBe(2);
  });

  it('follows what the person set', async () => {
    const path = '/users/1/notice-settings';
    const before = (await service.call('GET', path)).body;
    expect(before).toMatchObject({ zone: null, quietHours: null, perTenMinutes: 1, perDay: 6 });
    const timeIn = (hours: number): string => new Date(Date.now() + hours * hourMs).toISOString().slice(11, 16);
    const settings = {
      ...{ zone: 'Etc/UTC', quietHours: { from: timeIn(-1), to: timeIn(3) }, breakThrough: null, digestAt: '08:00' },
      ...{ perTenMinutes: 2, perDay: 3 },
    };
    expect(await service.call('PUT', path, settings)).toMatchObject({ status: 200, body: settings });
    expect((await service.call('GET', path)).body).toEqual(settings);
    const { limitId } = await addRule(1, { severity: 'CRITICAL' });
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await heldOf(1)).toHaveLength(1);
    await notices().tick(morningMs());
    expect((await inboxOf(1)).items).toMatchObject([{ kind: 'raised', delivery: 'DIGEST' }]);
    for (const wrong of [
      { zone: 'Mars/Base' },
      { perDay: 0 },
      { digestAt: '25:00' },
      { quietHours: { from: '01:00', to: '01:00' } },
    ])
      expect((await service.call('PUT', path, { ...settings, ...wrong })).status).toBe(422);
    expect((await service.call('GET', '/users/99999/notice-settings')).status).toBe(404);
    await service.sql('DELETE FROM notice_settings');
  });

  it('is nothing new of an alert that ended with its rule: the next outage is told', async () => {
    const first = await addRule(1, { threshold: 70 });
    await signals.take([record(first.limitId, 90), record(first.limitId, 91)]);
    const clock = new AlertClock(service.app.get(Database));
    const fallSilent = async (): Promise<void> => {
      await eventually('silence is known of', 10_000, async () => {
        await clock.tick(Date.now() + 600_000, async () => true);
        expect(await openOf(1)).toMatchObject([{ state: 'no data' }]);
      });
    };
    await fallSilent();
    await service.call('DELETE', `/users/1/rules/${first.id}`);
    await service.sql('DELETE FROM inbox');
    const second = await addRule(1, { threshold: 71 });
    await signals.take([record(second.limitId, 90), record(second.limitId, 91)]);
    await notices().tick(Date.now() + 1_300_000);
    await fallSilent();
    await notices().tick(Date.now() + 2_600_000);
    expect(await kindsOf(1)).toEqual(['no-data', 'raised']);
  });

  it('survives a state that others wrote', async () => {
    const { limitId } = await addRule(1);
    await service.sql(`INSERT INTO notice_states VALUES (1, '{"format": 1, "held": [{}]}', 0)`);
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await kindsOf(1)).toEqual(['raised']);
  });
});

it('an answer to the alert of a rule that was just changed is none to the next alert', async () => {
  const { id, limitId } = await addRule(1);
  await signals.take([record(limitId, 90), record(limitId, 91)]);
  const [alert] = await openOf(1);
  await service.sql(`UPDATE alert_rules SET threshold = 70 WHERE id = ${id}`);
  expect((await service.call('POST', `/alerts/${alert?.id}/snooze`, { minutes: 60 })).status).toBe(409);
  await eventually('the alert is over', 10_000, async () => {
    expect(await openOf(1)).toEqual([]);
  });
  const [row] = await service.sql(`SELECT state->'shelf' AS shelf FROM alert_states WHERE rule_id = ${id}`);
  expect(row).toEqual({ shelf: null });
});

it('an open alert is written when something changes, and not with each look of the clock', async () => {
  const { id, limitId } = await addRule(1);
  await signals.take([record(limitId, 90), record(limitId, 91)]);
  const version = () => service.sql(`SELECT xmin FROM alert_states WHERE rule_id = ${id}`);
  const looks = async (count: number): Promise<void> => {
    for (let look = 0; look < count; look += 1)
      await new AlertClock(service.app.get(Database)).tick(Date.now(), async () => true);
  };
  // What was due is decided by the first of them.
  await looks(2);
  const before = await version();
  await looks(3);
  expect(await version()).toEqual(before);
  await eventually('silence is told of', 10_000, async () => {
    await new AlertClock(service.app.get(Database)).tick(Date.now() + 600_000, async () => true);
    expect(await openOf(1)).toMatchObject([{ state: 'no data' }]);
  });
});
