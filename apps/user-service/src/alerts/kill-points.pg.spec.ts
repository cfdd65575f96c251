import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { IncomingRecord } from '@isobar/kafka';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
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

it('a member that dies at any statement, or before its group hears of what it did, changes nothing of what is told', async () => {
  let state = 7;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (const userId of [1, 2])
    await service.call('POST', `/users/${userId}/rules`, {
      ...{ name: 'Restless', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 80 },
      ...{ minDurationSeconds: 0, clearDelaySeconds: 0, coolDownSeconds: 0 },
    });
  // The rules are as if they had been there when their values come from.
  await service.sql('UPDATE alert_rules SET since_ms = 0');
  const startMs = Date.now() - 3_600_000;
  // Up and down with every value: each that is lost or taken twice shows.
  const records: IncomingRecord[] = Array.from({ length: steps }, (_, step) => ({
    ...{ topic, partition: 0, offset: String(step), headers: {}, timestampMs: startMs },
    key: Buffer.from('1'),
    value: Buffer.from(
      JSON.stringify({ VALUE: step % 2 === 0 ? 60 : 100, EVENT_AT: startMs + step * stepMs, EVENT_ID: `e${step}` }),
    ),
  }));
  const database = service.app.get(Database);
  let kills = 0;
  for (let next = 0; next < steps;) {
    const mine = mortal(database, random);
    const member = new TakeSignals(mine, new ConsumedOffsets(mine));
    try {
      for (;;) {
        const batch = records.slice(next, next + batchSize);
        if (batch.length === 0) break;
        await member.take(batch);
        // Killed between the database's commit and the group's: the batch comes again.
        if (random() < 0.1) throw new Error('killed');
        next += batch.length;
      }
    } catch (error) {
      expect((error as Error).message).toBe('killed');
      kills += 1;
      next = Math.max(0, next - (random() < 0.3 ? batchSize : 0));
    }
  }
  expect(kills).toBeGreaterThan(20);
  const told = await service.sql('SELECT user_id, kind, count(*)::int AS times FROM inbox GROUP BY 1, 2 ORDER BY 1, 2');
  // The last value still waits for its time to be over; each before it began an alert or ended one.
  const each = steps / 2 - 1;
  expect(told.map(({ user_id: userId, kind, times }) => [userId, kind, times])).toEqual(
    ['1', '2'].flatMap((userId) => [
      [userId, 'cleared', each],
      [userId, 'raised', each],
    ]),
  );
}, 120_000);
