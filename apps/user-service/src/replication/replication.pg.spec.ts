import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';

describe('the replication of people', () => {
  let service: ServiceOnPostgres;

  const tables = ['public.alert_limits', 'public.users'];

  beforeAll(async () => {
    service = await ServiceOnPostgres.start();
  }, 120_000);
  afterAll(async () => {
    await service?.stop();
  }, 60_000);

  it('names the publication, and that there is no slot yet', async () => {
    expect(await service.call('GET', '/replication')).toMatchObject({
      status: 200,
      body: { slot: null, publication: { name: 'isobar_publication', tables } },
    });
  });

  it('lists the keys of each captured table, and of no other', async () => {
    const { body } = await service.call('GET', '/replication/keys');
    expect((body as { keys: string[] }).keys).toHaveLength(15);
    const rule = { name: 'Hot', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 90 };
    await service.call('POST', '/users/1/rules', rule);
    expect((await service.call('GET', '/replication/keys?table=alert_limits')).body).toEqual({ keys: ['1'] });
    expect((await service.call('GET', '/replication/keys?table=pg_authid')).status).toBe(422);
  });

  it('makes a publication that was dropped, or that lost a table', async () => {
    await service.sql('DROP PUBLICATION isobar_publication');
    expect(await service.call('GET', '/replication')).toMatchObject({ body: { publication: null } });
    const whole = { status: 200, body: { publication: { tables } } };
    expect(await service.call('POST', '/replication/publication')).toMatchObject(whole);
    await service.sql('ALTER PUBLICATION isobar_publication DROP TABLE users');
    expect(await service.call('POST', '/replication/publication')).toMatchObject(whole);
    expect((await service.call('POST', '/replication/publication?publication=x"y')).status).toBe(422);
  });
});
