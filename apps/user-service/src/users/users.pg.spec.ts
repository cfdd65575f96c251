import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { constraintProblems } from '../database/constraint-problems.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import type { UserView } from './user-fields.js';

const people = (body: unknown): UserView[] => (body as { items: UserView[] }).items;
const pointersOf = (body: unknown): string[] =>
  (body as { errors?: { pointer: string }[] }).errors?.map(({ pointer }) => pointer) ?? [];

describe('people beside other writers', () => {
  let users: ServiceOnPostgres;

  beforeAll(async () => {
    users = await ServiceOnPostgres.start();
  }, 120_000);
  afterAll(async () => {
    await users?.stop();
  }, 60_000);

  describe('changes that meet', () => {
    it('answers each change with what that change left', async () => {
      const names = Array.from({ length: 40 }, (_, index) => `Name ${index}`);
      const answers = await Promise.all(names.map((fullName) => users.call('PATCH', '/users/1', { fullName })));
      expect(answers.map(({ status, body }) => [status, (body as UserView).fullName])).toEqual(
        names.map((fullName) => [200, fullName]),
      );
    });

    it('never lets two changes pass that are wrong together', async () => {
      // Each alone is fine with what was there; both would put the lower limit above the upper one.
      for (let round = 0; round < 10; round += 1) {
        await users.call('PATCH', '/users/2', { tempHighF: 90, tempLowF: 30 });
        const both = await Promise.all([
          users.call('PATCH', '/users/2', { tempHighF: 50 }),
          users.call('PATCH', '/users/2', { tempLowF: 70 }),
        ]);
        expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
        const refused = both.find(({ status }) => status === 422);
        expect(pointersOf(refused?.body)).toEqual(['/tempLowF']);
      }
    });

    it('creates a username once', async () => {
      const person = { username: 'once.only', fullName: 'Once', cityKey: 'chicago-il' };
      const answers = await Promise.all(Array.from({ length: 20 }, () => users.call('POST', '/users', person)));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      for (const { status, body } of answers.filter((answer) => answer.status !== 201))
        expect([status, ...pointersOf(body)]).toEqual([409, '/username']);
    });

    it('answers who removes and who changes at the same time, one way or the other', async () => {
      const { headers } = await users.call('POST', '/users', {
        username: 'short.lived',
        fullName: 'Short',
        cityKey: 'chicago-il',
      });
      const path = headers.get('location') ?? '';
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, (_, index) => users.call('PATCH', path, { fullName: `Short ${index}` })),
        ...Array.from({ length: 5 }, () => users.call('DELETE', path)),
      ]);
      expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
      for (const { status } of answers) expect([200, 204, 404]).toContain(status);
    });

    it('waits for a row that somebody else holds, no longer than its limit', async () => {
      const holding = users.sql(
        "BEGIN; UPDATE users SET full_name = 'held' WHERE id = 3; SELECT pg_sleep(7); ROLLBACK;",
      );
      await new Promise((resolve) => setTimeout(resolve, 500));
      const changed = await users.call('PATCH', '/users/3', { fullName: 'mine' });
      await holding;
      expect([200, 409]).toContain(changed.status);
      expect((await users.call('PATCH', '/users/3', { fullName: 'mine' })).status).toBe(200);
    }, 60_000);
  });

  describe('a request that may come twice', () => {
    const post = (key: string, body: object, path = '/users') =>
      fetch(`${users.url}${path}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify(body),
      });
    const ann = { username: 'twice.ann', fullName: 'Ann', cityKey: 'chicago-il' };

    it('is done once for its key, however often and however close it comes, and answered alike', async () => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => post('key-1', ann)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      const bodies = await Promise.all(answers.map((answer) => answer.text()));
      expect(new Set(bodies).size).toBe(1);
      expect(new Set(answers.map(({ headers }) => `${headers.get('location')} ${headers.get('etag')}`)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(11);
      // With the person goes the answer that names them.
      await users.call('DELETE', answers[0]?.headers.get('location') ?? '');
      const anew = await post('key-1', { cityKey: ann.cityKey, fullName: ann.fullName, username: ann.username });
      expect([anew.status, anew.headers.get('idempotency-replayed')]).toEqual([201, null]);
      await users.call('DELETE', anew.headers.get('location') ?? '');
    });

    it('is another one with another body, and judged anew where it was refused', async () => {
      expect((await post('key-2', { ...ann, username: 'twice.bob' })).status).toBe(201);
      const other = await post('key-2', { ...ann, username: 'twice.cid' });
      expect([other.status, ((await other.json()) as { title: string }).title]).toEqual([
        422,
        'This Idempotency-Key belongs to another request',
      ]);
      expect((await post('key-3', { ...ann, username: 'twice.bob' })).status).toBe(409);
      await users.sql("DELETE FROM users WHERE username = 'twice.bob'");
      expect((await post('key-3', { ...ann, username: 'twice.bob' })).status).toBe(201);
      expect((await post('a key', ann)).status).toBe(422);
    });

    it('is told apart by what it is for', async () => {
      const place = { name: 'Work', cityKey: 'miami-fl' };
      const made = await Promise.all([1, 2, 1].map((id) => post('key-4', place, `/users/${id}/places`)));
      expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
      expect(await users.sql("SELECT user_id FROM places WHERE name = 'Work' ORDER BY user_id")).toEqual([
        { user_id: '1' },
        { user_id: '2' },
      ]);
    });
  });

  it('a change of what was changed meanwhile is refused', async () => {
    const read = await users.call('GET', '/users/4');
    const tag = read.headers.get('etag') ?? '';
    const send = (method: string, ifMatch: string) =>
      fetch(`${users.url}/users/4`, {
        method,
        headers: { 'Content-Type': 'application/json', 'If-Match': ifMatch },
        ...(method === 'PATCH' ? { body: JSON.stringify({ aqiLimit: 77 }) } : {}),
      });
    const changed = await send('PATCH', tag);
    expect([changed.status, changed.headers.get('etag') === tag]).toEqual([200, false]);
    expect((await send('PATCH', tag)).status).toBe(412);
    expect((await send('DELETE', tag)).status).toBe(412);
    expect((await send('PATCH', changed.headers.get('etag') ?? '')).status).toBe(200);
  });

  it('people are found by the beginning of their names, whatever signs are in them', async () => {
    for (const [username, fullName] of [
      ['find.me', 'Zoë Find_Me'],
      ['findxme', '100% Zoe'],
    ])
      await users.call('POST', '/users', { username, fullName, cityKey: 'miami-fl' });
    const found = async (q: string) =>
      people((await users.call('GET', `/users?q=${encodeURIComponent(q)}`)).body).map(({ username }) => username);
    expect(await found('FIND')).toEqual(['find.me', 'findxme']);
    expect(await found('zoë')).toEqual(['find.me']);
    expect(await found('100%')).toEqual(['findxme']);
    expect(await found('%')).toEqual([]);
    expect(await found('zoë find_me')).toEqual(['find.me']);
    expect((await users.call('GET', '/users?q=')).status).toBe(422);
  });

  describe('texts that cannot be stored', () => {
    it.each([
      ['NUL in a name', { fullName: 'a\u0000b' }, '/fullName'],
      ['a sign that turns the direction', { fullName: '\u202eevil' }, '/fullName'],
      ['a sign without width', { fullName: 'ad\u200bmin' }, '/fullName'],
      ['half a character', { fullName: 'a\ud800b' }, '/fullName'],
      ['NUL in a city', { cityKey: 'a\u0000b' }, '/cityKey'],
      ['NUL in a username', { username: 'a\u0000b' }, '/username'],
      ['NUL in a mail address', { email: 'a\u0000b@isobar.example' }, '/email'],
    ])('%s is refused by name', async (_, odd, pointer) => {
      const created = await users.call('POST', '/users', {
        username: 'odd.text',
        fullName: 'Odd',
        cityKey: 'chicago-il',
        ...odd,
      });
      expect([created.status, ...pointersOf(created.body)]).toEqual([422, pointer]);
      const changed = await users.call('PATCH', '/users/4', odd);
      expect([changed.status, ...pointersOf(changed.body)]).toEqual([422, pointer]);
    });

    it('is refused in a query too', async () => {
      expect((await users.call('GET', '/users?cityKey=%00')).status).toBe(422);
      expect((await users.call('GET', '/users?cursor=1e30')).status).toBe(422);
      expect((await users.call('GET', '/users/-1')).status).toBe(404);
    });

    it('takes names of all the world', async () => {
      const fullName = 'Zoë אבג 𝒜 👩\u200d👩\u200d👧 Ñandú می\u200cخواهم 王';
      expect(await users.call('PATCH', '/users/4', { fullName })).toMatchObject({ status: 200, body: { fullName } });
    });
  });

  it('knows what every constraint of its tables means', async () => {
    const constraints = await users.sql(`
      SELECT conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
      WHERE relname IN ('users', 'places') AND contype IN ('u', 'c')
        OR relname = 'users' AND contype = 'p'`);
    expect(constraints.map(({ conname }) => conname).toSorted()).toEqual(Object.keys(constraintProblems).toSorted());
  });

  it('answers an id that somebody else has taken with a problem', async () => {
    const [{ next } = { next: 0 }] = await users.sql("SELECT nextval('users_id_seq') + 1 AS next");
    await users.sql(`
      INSERT INTO users (id, username, full_name, email, city_key)
      VALUES (${String(next)}, 'by.hand', 'By Hand', 'x@isobar.example', 'miami-fl')`);
    const person = { username: 'after.hand', fullName: 'After', cityKey: 'miami-fl' };
    expect(await users.call('POST', '/users', person)).toMatchObject({
      status: 409,
      body: { title: 'This id is taken' },
    });
    expect((await users.call('POST', '/users', person)).status).toBe(201);
  });

  describe('rows that this service would never write', () => {
    it.each([
      ['infinity', null],
      ['-infinity', null],
      ['294000-01-01', null],
      ['0044-03-15 BC', undefined],
    ])('a person made at %s does not take the others down', async (createdAt, shown) => {
      await users.sql(`UPDATE users SET created_at = '${createdAt}' WHERE id = 5`);
      const list = await users.call('GET', '/users');
      expect([list.status, people(list.body).length > 10]).toEqual([200, true]);
      const one = await users.call('GET', '/users/5');
      expect(one.status).toBe(200);
      if (shown !== undefined) expect((one.body as UserView).createdAt).toBe(shown);
      // It can be changed like any other.
      expect((await users.call('PATCH', '/users/5', { aqiLimit: 90 })).status).toBe(200);
    });

    it('numbers stay numbers whatever type their column has', async () => {
      await users.sql(`
        ALTER TABLE users DROP CONSTRAINT users_temperatures_ordered;
        ALTER TABLE users ALTER COLUMN aqi_limit TYPE BIGINT;
        ALTER TABLE users ALTER COLUMN temp_high_f TYPE NUMERIC;
        ALTER TABLE users ALTER COLUMN temp_low_f TYPE TEXT;
        UPDATE users SET aqi_limit = 80, temp_high_f = 91.5, temp_low_f = '12.5' WHERE id = 6;
        UPDATE users SET temp_high_f = 'NaN', temp_low_f = 'cold' WHERE id = 7;`);
      expect(await users.call('GET', '/users/6')).toMatchObject({
        status: 200,
        body: { aqiLimit: 80, tempHighF: 91.5, tempLowF: 12.5 },
      });
      expect(await users.call('GET', '/users/7')).toMatchObject({
        status: 200,
        body: { tempHighF: null, tempLowF: null },
      });
      expect(people((await users.call('GET', '/users')).body).length).toBeGreaterThan(10);
    });

    it('texts stay texts', async () => {
      await users.sql(`
        ALTER TABLE users ALTER COLUMN full_name TYPE JSONB USING to_jsonb(full_name);
        ALTER TABLE users ALTER COLUMN email DROP NOT NULL;
        UPDATE users SET full_name = '{"first": "Ada"}', email = NULL WHERE id = 8;`);
      const { status, body } = await users.call('GET', '/users/8');
      expect([status, typeof (body as UserView).fullName]).toEqual([200, 'string']);
      expect((await users.call('GET', '/users')).status).toBe(200);
    });
  });
});
