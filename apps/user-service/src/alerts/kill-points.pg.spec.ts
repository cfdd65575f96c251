import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { IncomingRecord } from '@isobar/kafka';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import { NoticeClock } from './clock/notice-clock.js';
import { ConsumedOffsets } from './keeping/consumed-offsets.js';
import { TakeSignals } from './signals/take-signals.js';

const steps = 120;
const batchSize = 5;
const stepMs = 5_000;
const topic = 'reading-signals';

let service: ServiceOnPostgres;
beforeAll(async () => {
  service = await ServiceOnPostgres.start();
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

/** A database whose member dies at one of its statements, by chance. */
function mortal(database: Database, random: () => number): Database {
  const die = (): void => {
    if (random() < 0.03) throw new Error('killed');
  };
  const watch = (manager: EntityManager): EntityManager =>
    new Proxy(manager, {
      get: (target, name) =>
        name === 'query'
          ? async (statement: string, values?: unknown[]): Promise<unknown> => {
              die();
              const result: unknown = await target.query(statement, values);
              die();
              return result;
            }
          : (Reflect.get(target, name) as unknown),
    });
  return Object.assign(Object.create(database) as Database, {
    transaction: (work: (manager: EntityManager) => Promise<unknown>) =>
      database.transaction((manager) => work(watch(manager))),
  });
}

/** What a person was told and what waits, without the ids that the database gives. */
async function toldTo(userId: number): Promise<unknown[]> {
  return service.sql(`
    SELECT kind, severity, delivery, at_ms, shown_at_ms, body FROM inbox WHERE user_id = ${userId}
    UNION ALL
    SELECT held->'line'->'key'->>'kind', held->'line'->>'severity', held->>'because', (held->'line'->>'atMs')::bigint,
      (held->>'untilMs')::bigint, '' FROM notice_states, jsonb_array_elements(state->'held') AS held WHERE user_id = ${userId}
    ORDER BY 4, 1, 3`);
}

it('a member that dies at any statement, or before its group hears of what it did, changes nothing of what is told', async () => {
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (const userId of [1, 2])
    await service.call('POST', `/users/${userId}/rules`, {
      ...{ name: 'Restless', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 79 + userId },
      ...{ minDurationSeconds: 0, clearDelaySeconds: 0, coolDownSeconds: 0 },
    });
  await service.sql(
    `INSERT INTO notice_settings SELECT id, 'UTC', NULL, NULL, NULL, '07:00', 2, 20 FROM users WHERE id IN (1, 2)`,
  );
  // Far ahead: the clock of the service itself finds nothing to do yet.
  // The rules are as if they had been there when their values come from.
  await service.sql('UPDATE alert_rules SET since_ms = 0');
  const startMs = Date.parse('2126-03-01T12:00:00Z');
  // Up and down with every second value: each that is lost or taken twice shows.
  const recordsOf = (limitId: number): IncomingRecord[] =>
    Array.from({ length: steps }, (_, step) => ({
      ...{ topic, partition: limitId, offset: String(step), headers: {}, timestampMs: startMs },
      key: Buffer.from(String(limitId)),
      value: Buffer.from(
        JSON.stringify({
          VALUE: Math.floor(step / 7) % 2 === 0 ? 60 : 100,
          EVENT_AT: startMs + step * stepMs,
          EVENT_ID: `e${step}`,
        }),
      ),
    }));
  const limits = await service.sql('SELECT limit_id FROM alert_rules ORDER BY user_id');
  const [mortals = [], immortals = []] = limits.map(({ limit_id: id }) => recordsOf(Number(id)));
  const database = service.app.get(Database);
  // Time goes with the records: whoever takes them again takes them at the same time.
  const take = async (of: Database, records: readonly IncomingRecord[], from: number) => {
    const nowMs = startMs + (from + batchSize) * stepMs;
    await new TakeSignals(of, new ConsumedOffsets(of), () => nowMs).take(records.slice(from, from + batchSize));
    await new NoticeClock(of).tick(nowMs);
  };
  for (let next = 0; next < steps; next += batchSize) await take(database, immortals, next);

  let kills = 0;
  for (let next = 0; next < steps;) {
    const mine = mortal(database, random);
    try {
      while (next < steps) {
        await take(mine, mortals, next);
        // Killed between the database's commit and the group's: the batch comes again.
        if (random() < 0.1) throw new Error('killed');
        next += batchSize;
      }
    } catch (error) {
      expect((error as Error).message).toBe('killed');
      kills += 1;
      next = Math.max(0, next - (random() < 0.3 ? batchSize : 0));
    }
  }
  expect(kills).toBeGreaterThan(20);
  const told = await toldTo(1);
  expect(told.length).toBeGreaterThanOrEqual(8);
  expect(JSON.parse(JSON.stringify(told).replaceAll('80 °F', '81 °F'))).toEqual(await toldTo(2));
}, 120_000);
