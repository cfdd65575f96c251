import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  InvalidSchemaError,
  RegistryUnauthorizedError,
  RegistryUnreachableError,
} from '../../ports/schema-registry.js';
import { MemorySchemaRegistry } from '../../testing/schema-registry/memory-schema-registry.js';
import { schemaRegistryContract } from '../../testing/schema-registry/schema-registry-contract.js';
import { SchemaRegistryServer } from '../../testing/schema-registry/schema-registry-server.js';
import { HttpSchemaRegistry, type HttpSchemaRegistryOptions } from './http-schema-registry.js';

const SCHEMA = { type: 'AVRO', text: '"string"', references: [] } as const;

let server: SchemaRegistryServer;
beforeEach(async () => {
  server = new SchemaRegistryServer();
  await server.start();
});
afterEach(() => server.stop());

/** Pauses take no time. */
const at = (options: Partial<HttpSchemaRegistryOptions> = {}): HttpSchemaRegistry =>
  new HttpSchemaRegistry({
    scheduler: {
      after: (_ms, action) => {
        queueMicrotask(action);
        return () => undefined;
      },
    },
    ...options,
    urls: options.urls ?? [server.url],
  });

const memory = new MemorySchemaRegistry();
schemaRegistryContract('in memory', () => memory);
schemaRegistryContract('in memory, by HTTP', () => at());

describe('the client of a schema registry', () => {
  it('asks once for an id, whoever asks and however often', async () => {
    const { id } = await at().register('s', SCHEMA);
    const client = at();
    server.asked.length = 0;
    await Promise.all([client.byId(id), client.byId(id)]);
    await client.byId(id);
    expect(server.asked).toEqual([`GET /schemas/ids/${id}`]);
  });

  it('asks again for an id that was not to be had', async () => {
    const client = at();
    await expect(client.byId(1)).rejects.toThrow('not found');
    await client.register('s', SCHEMA);
    expect((await client.byId(1)).text).toBe('"string"');
  });

  it('tries again while the registry is in trouble, and then says so', async () => {
    server.trouble = 503;
    await expect(at().subjects()).rejects.toThrow(RegistryUnreachableError);
    expect(server.asked).toEqual(['GET /subjects', 'GET /subjects', 'GET /subjects']);
    server.trouble = undefined;
    expect(await at().subjects()).toEqual([]);
  });

  it('names the address that does not answer', async () => {
    const gone = server.url;
    await server.stop();
    await expect(at({ urls: [gone] }).subjects()).rejects.toThrow(`${gone} does not answer: connect ECONNREFUSED`);
    await server.start();
  });

  it('goes on to the next address, and stays there', async () => {
    const client = at({ urls: ['http://127.0.0.1:1', `${server.url}/`] });
    expect(await client.subjects()).toEqual([]);
    expect(await client.subjects()).toEqual([]);
    expect(server.asked).toHaveLength(2);
  });

  it('gives up on a server that accepts and never answers', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stuck: typeof fetch = (_url, init) =>
      new Promise((_answer, fail) => {
        init?.signal?.addEventListener('abort', () => {
          resolve();
          fail(init.signal?.reason as Error);
        });
      });
    const asked = at({ timeoutMs: 1, fetch: stuck }).subjects();
    await expect(asked).rejects.toThrow('does not answer');
    await promise;
  });

  it.each([
    ['basic', { kind: 'basic', user: 'weather', password: 'grün:1' } as const],
    ['bearer', { kind: 'bearer', token: 'abc' } as const],
  ])('says who it is: %s', async (_what, credentials) => {
    server.authorization =
      credentials.kind === 'basic' ? `Basic ${Buffer.from('weather:grün:1').toString('base64')}` : 'Bearer abc';
    expect(await at({ credentials }).subjects()).toEqual([]);
    server.asked.length = 0;
    await expect(at().subjects()).rejects.toThrow(RegistryUnauthorizedError);
    expect(server.asked).toHaveLength(1);
  });

  it('names the dialect of a JSON schema where the registry cannot tell what it is', async () => {
    const sent: unknown[] = [];
    const untold: typeof fetch = (_url, init) => {
      const body = JSON.parse(init?.body as string) as { readonly schema: string };
      sent.push(JSON.parse(body.schema));
      return Promise.resolve(
        body.schema.includes('$schema')
          ? Response.json({ id: 5 })
          : Response.json({ error_code: 42201, message: 'Failed to discover artifact type' }, { status: 422 }),
      );
    };
    const client = at({ fetch: untold });
    const { id, text } = await client.register('s', { type: 'JSON', text: '{"type":"integer"}', references: [] });
    expect(id).toBe(5);
    expect(JSON.parse(text)).toEqual({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'integer' });
    expect(sent).toHaveLength(2);
    await expect(client.register('s', SCHEMA)).rejects.toThrow('Failed to discover artifact type');
  });

  it('takes no page of another server for an answer', async () => {
    const page: typeof fetch = () => Promise.resolve(new Response('<html>hello</html>'));
    const client = at({ fetch: page });
    await expect(client.subjects()).rejects.toThrow('no list of subjects');
    await expect(client.byId(1)).rejects.toThrow('not that of a schema registry');
  });

  it.each([
    [404, '<html>Not Found</html>'],
    [404, '{"status":404,"error":"Not Found"}'],
    [400, 'Bad Request'],
  ])('takes no %d without the code of a registry for its word: %s', async (status, body) => {
    const proxy: typeof fetch = () => Promise.resolve(new Response(body, { status }));
    await expect(at({ fetch: proxy }).byId(1)).rejects.toThrow(RegistryUnreachableError);
  });

  it.each([1.5, 0, -3, 2 ** 31])('takes no %d for the id of a schema', async (id) => {
    const odd: typeof fetch = () => Promise.resolve(Response.json({ id, schema: '"int"' }));
    await expect(at({ fetch: odd }).latest('s')).rejects.toThrow(`its 'id' is ${id}`);
    await expect(at({ fetch: odd }).register('s', SCHEMA)).rejects.toThrow(`its 'id' is ${id}`);
  });

  it('says so when schemas import each other in a circle, from wherever it is asked', async () => {
    const imported = { 'a/versions/1': 'b', 'b/versions/1': 'a', 'ids/1': 'a', 'ids/2': 'b' };
    const circle: typeof fetch = (url) => {
      const [, subject] = Object.entries(imported).find(([path]) => String(url).endsWith(path)) ?? [];
      return Promise.resolve(Response.json({ schema: '"int"', references: [{ name: 'n', subject, version: 1 }] }));
    };
    const client = at({ fetch: circle });
    const asked = await Promise.allSettled([client.byId(1), client.byId(2)]);
    expect(asked.map((each) => each.status === 'rejected' && String(each.reason))).toEqual(
      asked.map(() => expect.stringContaining('import each other in a circle')),
    );
  });

  it('names the version of a subject that a schema imports and the registry has no more', async () => {
    const gone: typeof fetch = (url) =>
      Promise.resolve(
        String(url).endsWith('/schemas/ids/1')
          ? Response.json({ schema: '"int"', references: [{ name: 'n', subject: 'common', version: 3 }] })
          : Response.json({ error_code: 40402, message: 'Version 3 not found.' }, { status: 404 }),
      );
    await expect(at({ fetch: gone }).byId(1)).rejects.toThrow(InvalidSchemaError);
    await expect(at({ fetch: gone }).byId(1)).rejects.toThrow('version 3 of the subject common: Version 3 not found.');
  });
});
