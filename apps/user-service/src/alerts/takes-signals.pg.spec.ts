import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RetryLaterError, type IncomingRecord } from '@isobar/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { Database } from '../database/database.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import type { AlertView } from './alert-fields.js';
import { AlertClock } from './clock/alert-clock.js';
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
});

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

describe('what waits for the morning', () => {
  /** Quiet hours that hold now and in ten minutes. */
  const night = () => {
    const timeIn = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16);
    return { quietHours: { from: timeIn(-1), to: timeIn(3), zone: 'UTC' } };
  };

  it('is one line for what began, fell silent and ended in the night', async () => {
    const { limitId } = await addRule(1, night());
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    const clock = new AlertClock(service.app.get(Database));
    await eventually('silence is told of', 10_000, async () => {
      await clock.tick(Date.now() + 600_000, async () => true);
      expect(await service.sql('SELECT kind FROM inbox ORDER BY id')).toEqual([
        { kind: 'raised' },
        { kind: 'no-data' },
      ]);
    });
    await signals.take([record(limitId, 60), record(limitId, 60)]);
    expect(await service.sql('SELECT kind FROM inbox ORDER BY id')).toEqual([{ kind: 'was' }]);
  });

  it('is new in the morning, before what was told in the night', async () => {
    const asleep = await addRule(1, { ...night(), name: 'Asleep' });
    const awake = await addRule(1, { name: 'Awake', threshold: 85 });
    await signals.take([record(asleep.limitId, 90), record(asleep.limitId, 90)]);
    await signals.take([record(awake.limitId, 90), record(awake.limitId, 90)]);
    const inbox = async (query = '') =>
      (await service.call('GET', `/users/1/inbox${query}`)).body as {
        items: { body: string }[];
        nextCursor: number | null;
      };
    const names = ({ items }: { items: { body: string }[] }): string[] =>
      items.map(({ body }) => body.split(':')[0] ?? '');
    expect(names(await inbox())).toEqual(['Awake']);
    // The morning comes.
    await service.sql(
      'UPDATE inbox SET shown_at_ms = shown_at_ms - 1 WHERE shown_at_ms <= extract(epoch FROM now()) * 1000',
    );
    await service.sql(
      'UPDATE inbox SET shown_at_ms = floor(extract(epoch FROM now()) * 1000) WHERE shown_at_ms > extract(epoch FROM now()) * 1000',
    );
    expect(names(await inbox())).toEqual(['Asleep', 'Awake']);
    const first = await inbox('?limit=1');
    expect(names(first)).toEqual(['Asleep']);
    const second = await inbox(`?limit=1&cursor=${first.nextCursor}`);
    expect([names(second), second.nextCursor]).toEqual([['Awake'], null]);
  });

  it.each([
    ['changed', (path: string) => service.call('PATCH', path, { threshold: 70 })],
    ['disabled', (path: string) => service.call('PATCH', path, { enabled: false })],
    ['removed', (path: string) => service.call('DELETE', path)],
  ])('is withdrawn with a rule that was %s', async (_, end) => {
    const { id, limitId } = await addRule(1, night());
    await signals.take([record(limitId, 90), record(limitId, 91)]);
    expect(await service.sql('SELECT kind FROM inbox')).toEqual([{ kind: 'raised' }]);
    expect((await end(`/users/1/rules/${id}`)).status).toBeLessThan(300);
    await eventually('nothing waits', 10_000, async () => {
      expect(await service.sql('SELECT kind FROM inbox')).toEqual([]);
    });
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
