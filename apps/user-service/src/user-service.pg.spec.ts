import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@isobar/local-stack/testing';
import { readCities, userRowV1 } from '@isobar/contracts';
import { citiesFile, ServiceOnPostgres, type Answer } from './testing/service-on-postgres.js';
import type { UserView } from './users/user-fields.js';

describe('user-service', () => {
  let service: ServiceOnPostgres;
  const call = (method: string, path: string, body?: unknown): Promise<Answer> => service.call(method, path, body);
  const sql = (statement: string): Promise<Record<string, unknown>[]> => service.sql(statement);

  beforeAll(async () => {
    service = await ServiceOnPostgres.start();
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
  }, 60_000);

  it('knows three people in each default city', async () => {
    const { body } = await call('GET', '/users');
    const items = (body as { items: UserView[] }).items;
    expect(items).toHaveLength(15);
    for (const city of readCities(citiesFile))
      expect(items.filter(({ cityKey }) => cityKey === city.id)).toHaveLength(3);
  });

  it('pages and filters', async () => {
    const first = (await call('GET', '/users?limit=10')).body as { items: UserView[]; nextCursor: number };
    const second = (await call('GET', `/users?limit=10&cursor=${first.nextCursor}`)).body as {
      items: UserView[];
      nextCursor: null;
    };
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([10, 5, null]);
    expect(((await call('GET', '/users?cityKey=miami-fl')).body as { items: UserView[] }).items).toHaveLength(3);
    expect((await call('GET', '/users?limit=0')).status).toBe(422);
  });

  it('creates, moves and removes a person', async () => {
    const created = await call('POST', '/users', { username: 'ada', fullName: 'Ada L.', cityKey: 'chicago-il' });
    expect(created).toMatchObject({ status: 201, body: { username: 'ada', cityKey: 'chicago-il', aqiLimit: 100 } });
    const path = created.headers.get('location') ?? '';
    expect(await call('PATCH', path, { cityKey: 'miami-fl', tempHighF: null })).toMatchObject({
      status: 200,
      body: { cityKey: 'miami-fl', tempHighF: null, fullName: 'Ada L.' },
    });
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { cityKey: 'miami-fl' } });
    expect((await call('DELETE', path)).status).toBe(204);
    expect(await call('GET', path)).toMatchObject({ status: 404, body: { title: 'No such person' } });
    expect((await call('DELETE', path)).status).toBe(404);
  });

  it('names the field that cannot be accepted', async () => {
    const person = { username: 'bob', fullName: 'Bob', cityKey: 'chicago-il' };
    const pointers = async (body: unknown) => {
      const { status, body: problem } = await call('POST', '/users', body);
      return [status, ...(problem as { errors: { pointer: string }[] }).errors.map(({ pointer }) => pointer)];
    };
    expect(await pointers({ ...person, cityKey: 'atlantis' })).toEqual([422, '/cityKey']);
    expect(await pointers({ ...person, username: 'Bob!', email: 'x', aqiLimit: 1.5 })).toEqual([
      422,
      '/username',
      '/email',
      '/aqiLimit',
    ]);
    expect(await pointers({ ...person, tempHighF: 10, tempLowF: 20 })).toEqual([422, '/tempLowF']);
    expect(await pointers({ ...person, username: 'wei.chen' })).toEqual([409, '/username']);
    expect(await pointers({})).toEqual([422, '/username', '/fullName', '/cityKey']);
    expect((await call('PATCH', '/users/1', {})).status).toBe(422);
    expect((await call('PATCH', '/users/1', { tempLowF: 500 })).status).toBe(422);
    expect((await call('GET', '/users/one')).status).toBe(400);
    expect((await call('GET', '/users/99999999999999999999')).status).toBe(404);
  });

  it('gives each change an event time that goes on, whoever writes', async () => {
    const [before] = await sql('SELECT updated_at_ms FROM users WHERE id = 1');
    await sql("UPDATE users SET city_key = 'miami-fl' WHERE id = 1");
    const [after] = await sql('SELECT * FROM users WHERE id = 1');
    expect(Number(after?.['updated_at_ms'])).toBeGreaterThan(Number(before?.['updated_at_ms']));
    // What change data capture will write fits the contract.
    const row = { ...after, id: Number(after?.['id']), updated_at_ms: Number(after?.['updated_at_ms']) };
    expect(userRowV1.parseValue(JSON.stringify(row))).toMatchObject({ id: 1, city_key: 'miami-fl' });
  });

  it('publishes both captured tables with the whole old row', async () => {
    expect(await sql('SELECT pubname, tablename FROM pg_publication_tables ORDER BY tablename')).toEqual([
      { pubname: 'isobar_publication', tablename: 'alert_limits' },
      { pubname: 'isobar_publication', tablename: 'users' },
    ]);
    expect(await sql("SELECT relreplident FROM pg_class WHERE relname IN ('users', 'alert_limits')")).toEqual([
      { relreplident: 'f' },
      { relreplident: 'f' },
    ]);
  });

  it('is alive without its database, says so, and comes back by itself', async () => {
    await service.stack.kill('postgres');
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
    // A finding of a moment ago may be told once more.
    await eventually('it says that its database is away', 5_000, async () => {
      const unready = await fetch(`${service.url}/readyz`);
      expect(unready.status).toBe(503);
      expect(await unready.json()).toMatchObject({ parts: { database: { status: 'down' } } });
    });
    expect(await call('GET', '/users')).toMatchObject({ status: 503, body: { title: 'The database is not ready' } });
    await service.stack.restart('postgres');
    await service.ready();
    expect((await call('GET', '/users')).status).toBe(200);

    // A second start migrates nothing and seeds nobody again.
    await call('DELETE', '/users/2');
    await service.stopService();
    await service.startService();
    expect(((await call('GET', '/users')).body as { items: UserView[] }).items).toHaveLength(14);
  }, 60_000);
});
