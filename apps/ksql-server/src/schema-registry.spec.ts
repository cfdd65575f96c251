import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SchemaRegistryServer } from '@isobar/ksql-engine/testing';
import { openSchemaRegistry } from './schema-registry.js';

const server = new SchemaRegistryServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

const none = { SCHEMA_REGISTRY_URL: '', SCHEMA_REGISTRY_USER_INFO: '' };
const basic = (userInfo: string): string => `Basic ${Buffer.from(userInfo).toString('base64')}`;

describe('the schema registry of the settings', () => {
  it('is none where no address is set', () => {
    expect(openSchemaRegistry({}, none)).toBeUndefined();
    expect(openSchemaRegistry({ 'ksql.schema.registry.url': '' }, none)).toBeUndefined();
  });

  it.each([
    ['without credentials', undefined, () => ({ 'ksql.schema.registry.url': server.url })],
    [
      'as user info',
      basic('weather:a:b'),
      () => ({
        'ksql.schema.registry.url': server.url,
        'ksql.schema.registry.basic.auth.credentials.source': 'USER_INFO',
        'ksql.schema.registry.basic.auth.user.info': 'weather:a:b',
      }),
    ],
    [
      'in its address',
      basic('weather:a b'),
      () => ({
        'ksql.schema.registry.url': server.url.replace('//', '//weather:a%20b@'),
        'ksql.schema.registry.basic.auth.credentials.source': 'URL',
      }),
    ],
    [
      'as a token',
      'Bearer abc',
      () => ({ 'ksql.schema.registry.url': server.url, 'ksql.schema.registry.bearer.auth.token': 'abc' }),
    ],
  ])('is asked with its credentials: %s', async (_what, authorization, properties) => {
    server.authorization = authorization;
    expect(await openSchemaRegistry(properties(), none)?.subjects()).toEqual([]);
  });

  it("is that of the environment where ksqlDB's own property is not set", async () => {
    server.authorization = basic('weather:secret');
    const registry = openSchemaRegistry(
      {},
      { SCHEMA_REGISTRY_URL: `http://127.0.0.1:1, ${server.url}`, SCHEMA_REGISTRY_USER_INFO: 'weather:secret' },
    );
    expect(await registry?.subjects()).toEqual([]);
  });

  it('is refused where it is no address, without a word of what was given', () => {
    expect(() => openSchemaRegistry({ 'ksql.schema.registry.url': 'user:secret' }, none)).toThrow(
      /SCHEMA_REGISTRY_URL(?!.*secret)/s,
    );
    const config = { SCHEMA_REGISTRY_URL: server.url, SCHEMA_REGISTRY_USER_INFO: 'secret' };
    expect(() => openSchemaRegistry({}, config)).toThrow(/SCHEMA_REGISTRY_USER_INFO(?!.*"secret")/s);
  });
});
