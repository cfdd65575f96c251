import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import { DataSource } from 'typeorm';

let service: ServiceOnPostgres;
beforeAll(async () => {
  service = await ServiceOnPostgres.start();
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

it('the tables of rules and alerts come and go beside people who are there, and leave nothing behind', async () => {
  const catalog = () =>
    service.sql(`
      SELECT relname AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'
      UNION ALL SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = 'public'
      UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT tablename FROM pg_publication_tables ORDER BY 1`);
  const rule = { name: 'Hot', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 90 };
  await service.call('POST', '/users/1/places', { name: 'Work', cityKey: 'miami-fl' });
  await service.call('POST', '/users/1/rules', rule);
  const before = await catalog();
  const people = await service.sql('SELECT * FROM users ORDER BY id');

  const dataSource = service.app.get(DataSource);
  // All but the people's own two.
  for (let left = dataSource.migrations.length; left > 2; left -= 1) await dataSource.undoLastMigration();
  const names = (await catalog()).map(({ name }) => String(name));
  expect(
    names.filter((name) =>
      /alert|place|_move|inbox|consumed|notice|idempotency|limit_states|official|forget|mail/.test(name),
    ),
  ).toEqual([]);
  expect(await service.sql('SELECT * FROM users ORDER BY id')).toEqual(people);

  await dataSource.runMigrations();
  expect(await catalog()).toEqual(before);
  expect((await service.call('POST', '/users/1/rules', rule)).status).toBe(201);
}, 60_000);

it('what refers to a row is found by an index when the row goes', async () => {
  const found = await service.sql(`
    SELECT c.conrelid::regclass || '.' || a.attname AS column FROM pg_constraint c
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
    WHERE c.contype = 'f' AND NOT EXISTS (
      SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1]
        AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', a.attname)))`);
  expect(found).toEqual([]);
});
