import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { registryMissing, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { schemaRegistryContract } from '../../testing/schema-registry/schema-registry-contract.js';
import { HttpSchemaRegistry } from './http-schema-registry.js';

const missing = await registryMissing();

if (missing !== undefined) {
  describe('a real schema registry', () => {
    it.skip(missing, () => undefined);
  });
} else {
  let stack: TestStack | undefined;
  const registry = (): HttpSchemaRegistry => {
    if (stack === undefined) throw new Error('the registry has not started');
    return new HttpSchemaRegistry({ urls: [stack.registryUrl] });
  };
  beforeAll(async () => {
    stack = await startTestStack({ parts: ['postgres', 'registry'] });
  }, 120_000);
  afterAll(() => stack?.stop());

  schemaRegistryContract('Apicurio', registry);

  describe('a schema registry that was killed', () => {
    const level = async (init?: RequestInit): Promise<unknown> =>
      (await (await fetch(`${stack?.registryUrl}/config`, init)).json()) as unknown;

    it('knows its schemas by the same ids, and the level that somebody has set', async () => {
      expect(await level()).toEqual({ compatibilityLevel: 'BACKWARD' });
      const text = '{"type":"record","name":"Kept","fields":[{"name":"A","type":"long"}]}';
      const { id } = await registry().register('kept-value', { type: 'AVRO', text, references: [] });
      await level({
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: '{"compatibility":"FULL"}',
      });
      await stack?.kill('registry');
      await stack?.restart('registry');
      expect(JSON.parse((await registry().byId(id)).text)).toMatchObject({ name: 'Kept' });
      expect((await registry().latest('kept-value')).id).toBe(id);
      expect(await level()).toEqual({ compatibilityLevel: 'FULL' });
    }, 120_000);
  });
}
