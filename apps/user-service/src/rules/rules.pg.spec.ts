import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceOnPostgres, type Answer } from '../testing/service-on-postgres.js';
import type { RuleView } from './rule-fields.js';

const heat = { name: 'Too hot', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 90 };
const pointersOf = ({ body }: Answer): string[] =>
  (body as { errors?: { pointer: string }[] }).errors?.map(({ pointer }) => pointer) ?? [];
const ruleOf = ({ body }: Answer): RuleView => body as RuleView;

describe('places and rules', () => {
  let service: ServiceOnPostgres;
  beforeAll(async () => {
    service = await ServiceOnPostgres.start();
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
  }, 60_000);

  const limits = async (): Promise<[unknown, unknown, unknown, unknown][]> =>
    (await service.sql('SELECT * FROM alert_limits ORDER BY city_key, metric, threshold')).map((row) => [
      row['city_key'],
      row['metric'],
      row['threshold'],
      row['rule_count'],
    ]);

  it('has one limit for all who ask the same, which goes with the last of them', async () => {
    const first = await service.call('POST', '/users/1/rules', heat);
    expect(first).toMatchObject({ status: 201, body: { cityKey: 'new-york-ny', version: 1, minDurationSeconds: 60 } });
    const others = await Promise.all([2, 3].map((id) => service.call('POST', `/users/${id}/rules`, heat)));
    expect(await limits()).toEqual([['new-york-ny', 'SENSOR_TEMPERATURE', 90, 3]]);

    // A move takes the rule of the home to the city's own limit.
    await service.call('PATCH', '/users/2', { cityKey: 'miami-fl' });
    expect(await limits()).toEqual([
      ['miami-fl', 'SENSOR_TEMPERATURE', 90, 1],
      ['new-york-ny', 'SENSOR_TEMPERATURE', 90, 2],
    ]);
    await service.call('PATCH', first.headers.get('location') ?? '', { enabled: false });
    expect(await limits()).toEqual([
      ['miami-fl', 'SENSOR_TEMPERATURE', 90, 1],
      ['new-york-ny', 'SENSOR_TEMPERATURE', 90, 1],
    ]);
    for (const { headers } of others) await service.call('DELETE', headers.get('location') ?? '');
    expect(await limits()).toEqual([]);
    await service.call('DELETE', first.headers.get('location') ?? '');
  });

  it('counts right when rules of one limit come and go at the same time', async () => {
    const people = [4, 5, 6, 7, 8, 9];
    const made = await Promise.all(people.map((id) => service.call('POST', `/users/${id}/rules`, heat)));
    await Promise.all(made.map(({ headers }) => service.call('DELETE', headers.get('location') ?? '')));
    expect(await limits()).toEqual([]);
  });

  it('follows whoever writes: a person is erased, tables are emptied', async () => {
    const { headers } = await service.call('POST', '/users', {
      username: 'go.ne',
      fullName: 'G',
      cityKey: 'chicago-il',
    });
    const person = headers.get('location') ?? '';
    await service.call('POST', `${person}/rules`, heat);
    await service.call('POST', '/users/10/rules', heat);
    await service.call('DELETE', person);
    expect(await limits()).toEqual([['san-francisco-ca', 'SENSOR_TEMPERATURE', 90, 1]]);
    await service.sql('TRUNCATE alert_rules CASCADE');
    expect(await limits()).toEqual([]);
  });

  it('watches a place beside the home, and forgets its rules with it', async () => {
    const work = await service.call('POST', '/users/1/places', { name: 'Work', cityKey: 'chicago-il' });
    expect(work).toMatchObject({ status: 201, body: { name: 'Work', cityKey: 'chicago-il' } });
    const place = work.headers.get('location') ?? '';
    expect(await service.call('POST', '/users/1/places', { name: 'Work', cityKey: 'miami-fl' })).toMatchObject({
      status: 409,
      body: { title: 'This person has a place of this name' },
    });
    const placeId = (work.body as { id: number }).id;
    const rule = await service.call('POST', '/users/1/rules', { ...heat, placeId });
    expect(ruleOf(rule).cityKey).toBe('chicago-il');
    expect(pointersOf(await service.call('POST', '/users/2/rules', { ...heat, placeId }))).toEqual(['/placeId']);
    await service.call('PATCH', place, { cityKey: 'miami-fl' });
    expect(ruleOf(await service.call('GET', rule.headers.get('location') ?? ''))).toMatchObject({
      cityKey: 'miami-fl',
      version: 2,
    });
    expect((await service.call('GET', '/users/1/places')).body).toMatchObject({
      home: { cityKey: 'new-york-ny' },
      items: [{ id: placeId, name: 'Work', cityKey: 'miami-fl' }],
      nextCursor: null,
    });
    expect((await service.call('DELETE', place)).status).toBe(204);
    expect((await service.call('GET', rule.headers.get('location') ?? '')).status).toBe(404);
    expect(await limits()).toEqual([]);
  });

  it('makes a version of what decides, and of nothing else', async () => {
    const path = (await service.call('POST', '/users/1/rules', heat)).headers.get('location') ?? '';
    expect(ruleOf(await service.call('PATCH', path, { name: 'Far too hot' })).version).toBe(1);
    expect(ruleOf(await service.call('PATCH', path, { threshold: 95 })).version).toBe(2);
    expect(ruleOf(await service.call('PATCH', path, { threshold: 95 })).version).toBe(2);
    await service.call('DELETE', path);
  });

  it('refuses a change that was made from another state', async () => {
    const made = await service.call('POST', '/users/1/rules', heat);
    const path = made.headers.get('location') ?? '';
    const send = (tag: string) =>
      fetch(`${service.url}${path}`, {
        method: 'PATCH',
        headers: { 'Content-Type': 'application/json', 'If-Match': tag },
        body: JSON.stringify({ threshold: 91 }),
      });
    const tag = made.headers.get('etag') ?? '';
    const answers = await Promise.all([send(tag), send(tag)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
    await service.call('DELETE', path);
  });

  it('names the field that cannot be accepted, and the range', async () => {
    expect(pointersOf(await service.call('POST', '/users/1/rules', {}))).toEqual([
      '/name',
      '/metric',
      '/comparison',
      '/threshold',
    ]);
    const absurd = await service.call('POST', '/users/1/rules', { ...heat, threshold: 4_000 });
    expect([absurd.status, ...pointersOf(absurd)]).toEqual([422, '/threshold']);
    expect(JSON.stringify(absurd.body)).toContain('from -100 to 150 °F');
    expect(
      pointersOf(
        await service.call('POST', '/users/1/rules', {
          ...heat,
          coolDownSeconds: 90_000,
          quietHours: { from: '25:00', to: '07:00', zone: 'Mars/Olympus' },
        }),
      ),
    ).toEqual(['/coolDownSeconds', '/quietHours/from', '/quietHours/zone']);
    expect((await service.call('POST', '/users/99999/rules', heat)).status).toBe(404);
  });

  it('lists by pages; an odd row takes no other down', async () => {
    for (const threshold of [80, 81, 82]) await service.call('POST', '/users/11/rules', { ...heat, threshold });
    await service.sql(`
      ALTER TABLE alert_rules ALTER COLUMN on_delay_ms TYPE NUMERIC;
      UPDATE alert_rules SET deadband = 'NaN', on_delay_ms = 'NaN', metric = 'MOON' WHERE user_id = 11 AND threshold = 81`);
    const first = (await service.call('GET', '/users/11/rules?limit=2')).body as {
      items: RuleView[];
      nextCursor: number;
    };
    expect(first.items.map(({ deadband, metric }) => [deadband, metric])).toEqual([
      [1, 'SENSOR_TEMPERATURE'],
      [null, 'MOON'],
    ]);
    const rest = (await service.call('GET', `/users/11/rules?cursor=${first.nextCursor}`)).body as {
      items: RuleView[];
    };
    expect(rest.items.map(({ threshold }) => threshold)).toEqual([82]);
  });
});
