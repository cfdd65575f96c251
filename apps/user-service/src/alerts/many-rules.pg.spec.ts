import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { IncomingRecord } from '@isobar/kafka';
import type { EntityManager } from 'typeorm';
import { Database } from '../database/database.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import { ConsumedOffsets } from './keeping/consumed-offsets.js';
import { TakeSignals } from './signals/take-signals.js';

const rules = 1_200;
const topic = 'reading-signals';

let service: ServiceOnPostgres;
let signals: TakeSignals;
let statements = 0;
let offset = 0;
/** Event time of the next value. */
let atMs = 0;

beforeAll(async () => {
  service = await ServiceOnPostgres.start();
  const database = service.app.get(Database);
  const counting = Object.assign(Object.create(database) as Database, {
    transaction: (work: (manager: EntityManager) => Promise<unknown>) =>
      database.transaction((manager) =>
        work(
          new Proxy(manager, {
            get: (target, name) =>
              name === 'query'
                ? (statement: string, values?: unknown[]): Promise<unknown> => {
                    statements += 1;
                    return target.query(statement, values);
                  }
                : (Reflect.get(target, name) as unknown),
          }),
        ),
      ),
  });
  signals = new TakeSignals(counting, new ConsumedOffsets(counting));
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

const record = (limitId: number, value: number): IncomingRecord => {
  offset += 1;
  atMs += 5_000;
  return {
    ...{ topic, partition: 0, offset: String(offset), headers: {}, timestampMs: atMs },
    key: Buffer.from(String(limitId)),
    value: Buffer.from(JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${offset}` })),
  };
};

/** Rules that all ask the same of Chicago. @returns their limit */
async function addRules(count: number): Promise<number> {
  await service.sql("UPDATE users SET city_key = 'chicago-il' WHERE id <= 5");
  await service.sql(`
    INSERT INTO alert_rules (user_id, name, metric, comparison, threshold, deadband, on_delay_ms, off_delay_ms, cool_down_ms,
      severity, channels, enabled)
    SELECT 1 + n % 5, 'Hot ' || n, 'SENSOR_TEMPERATURE', 'ABOVE', 90, 1, 0, 0, 0, 'WARNING', '{INBOX}', TRUE
    FROM generate_series(1, ${count}) AS n`);
  const [row] = await service.sql('SELECT id FROM alert_limits');
  return Number(row?.['id']);
}

const writtenStates = () => service.sql('SELECT rule_id, xmin::text FROM alert_states ORDER BY rule_id');
const openAlerts = async () =>
  Number((await service.sql('SELECT count(*) FROM alerts WHERE ended_at_ms IS NULL'))[0]?.['count']);

beforeEach(async () => {
  await service.sql('DELETE FROM alert_rules');
  atMs = Date.now() - 250_000;
});

it('values that cross nothing are written for the limit alone, and raising everybody takes a few statements', async () => {
  const limitId = await addRules(rules);
  await signals.take([record(limitId, 70), record(limitId, 71)]);
  await signals.take([record(limitId, 72)]);
  const before = await writtenStates();
  statements = 0;
  for (let n = 0; n < 10; n += 1) await signals.take([record(limitId, 60 + n)]);
  expect(await writtenStates()).toEqual(before);
  // Offsets, limits, whom it concerns, what the limit knows, offsets.
  expect(statements).toBe(50);

  statements = 0;
  await signals.take([record(limitId, 95), record(limitId, 96), record(limitId, 96)]);
  expect(await openAlerts()).toBe(rules);
  // A page of rules costs seven at most, however many are raised, and to tell people of all of it ten.
  expect(statements).toBeLessThan(15 + 8 * Math.ceil(rules / 1_000));

  const open = await writtenStates();
  await signals.take([record(limitId, 95.5)]);
  await signals.take([record(limitId, 91)]);
  expect(await writtenStates()).toEqual(open);
  await signals.take([record(limitId, 60), record(limitId, 60)]);
  expect(await openAlerts()).toBe(0);
}, 60_000);

it('a rule that is new takes no value from before its time, and one of now at once', async () => {
  const limitId = await addRules(2);
  // The sensors of the city fell silent ten minutes ago; change data capture has the pipeline say their last value again.
  atMs = Date.now() - 600_000;
  await signals.take([record(limitId, 99)]);
  await signals.take([record(limitId, 99)]);
  expect(await openAlerts()).toBe(0);
  atMs = Date.now() - 60_000;
  await signals.take([record(limitId, 99), record(limitId, 99)]);
  expect(await openAlerts()).toBe(2);

  const [added] = await service.sql(`
    INSERT INTO alert_rules (user_id, name, metric, comparison, threshold, deadband, on_delay_ms, off_delay_ms, cool_down_ms,
      severity, channels, enabled)
    VALUES (2, 'Later', 'SENSOR_TEMPERATURE', 'ABOVE', 90, 1, 0, 0, 0, 'WARNING', '{INBOX}', TRUE) RETURNING limit_id`);
  expect(Number(added?.['limit_id'])).toBe(limitId);
  // Said again for the new rule: no news to the others, whose alerts are open.
  const again = record(limitId, 99);
  const value = { VALUE: 99, EVENT_AT: atMs - 5_000, EVENT_ID: `e${offset - 1}` };
  await signals.take([{ ...again, value: Buffer.from(JSON.stringify(value)) }]);
  await signals.take([record(limitId, 99)]);
  expect(await openAlerts()).toBe(3);
});

it('who removes a state has its rule begin anew', async () => {
  const limitId = await addRules(1);
  await signals.take([record(limitId, 70), record(limitId, 70)]);
  await service.sql('DELETE FROM alert_states');
  await signals.take([record(limitId, 99), record(limitId, 99)]);
  expect(await openAlerts()).toBe(1);
});
