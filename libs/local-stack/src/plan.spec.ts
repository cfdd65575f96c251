import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { JavaRuntime } from './jvm/java.js';
import type { Part } from './part.js';
import { createPlan, stepNames } from './plan.js';
import { randomFreePorts } from './ports.js';
import { defaultPorts, type PortName, type StackPorts } from './stack-ports.js';
import { temporaryHome } from './testing/fake-part.js';

const java: JavaRuntime = { executable: 'java', home: '', version: '21', hasBaseArchive: false, from: 'PATH' };
const secrets = { postgresPassword: 'p', ownerPassword: 'o', cdcPassword: 'c', registryPassword: 'r' };
const ours = ['ksql-server', 'user-service', 'weather-ingest', 'sensor-sim', 'stream-admin', 'dashboard'] as const;

async function planned(only?: readonly string[]) {
  const home = temporaryHome();
  const names = Object.keys(defaultPorts) as PortName[];
  const free = await randomFreePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]])) as StackPorts;
  const { parts } = createPlan({
    home,
    java,
    ports,
    secrets,
    onFirstRecord: () => undefined,
    ...(only === undefined ? {} : { only }),
  });
  const part = (name: string): Part => {
    const found = parts.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no ${name}`);
    return found;
  };
  return { home, ports, parts, part };
}

describe('the parts of the native runtime', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Answers some paths with 200, and `/readyz` as a service does that does not keep what it promises. */
  async function answer(port: number, alive: readonly string[]): Promise<void> {
    const server = createServer(({ url = '' }, response) => {
      const parts = { queries: { status: 'down', reason: '1 of 9 queries do not run: CTAS_X_1: no such topic' } };
      if (alive.includes(url)) response.writeHead(200).end('{}');
      else if (url === '/readyz') response.writeHead(503).end(JSON.stringify({ status: 'not ready', parts }));
      else response.writeHead(404).end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  }

  it.each(ours)('%s that lives and does not do what it promises is not well, and says why', async (name) => {
    const { ports, part } = await planned();
    await answer(ports[name], ['/info', '/healthz', '/health', '/metrics', '/']);
    const why = 'queries: 1 of 9 queries do not run: CTAS_X_1: no such topic';
    const seen = await part(name).check();
    // The others use ksql-server before its queries run; that is trouble all the same.
    if (name === 'ksql-server') expect(seen).toMatchObject({ ready: true, trouble: why });
    else expect(seen).toEqual({ ready: false, sees: why });
    // And no reason to end it: a start would not bring its neighbours back.
    expect(await part(name).isAlive()).toBe(true);
  });

  describe('with a schema registry', () => {
    const foreign = {
      SCHEMA_REGISTRY_URL: 'https://registry.example',
      SCHEMA_REGISTRY_USER_INFO: 'user:password',
      KSQL_KSQL_SCHEMA_REGISTRY_BEARER_AUTH_TOKEN: 'token',
    };
    beforeEach(() => void Object.assign(process.env, foreign));
    afterEach(() => {
      for (const name of Object.keys(foreign)) delete process.env[name];
    });

    it('of the stack name that one to our programs, and give it nothing that is meant for another one', async () => {
      const { ports, part } = await planned(['ksql-server', 'registry']);
      expect(part('ksql-server').launch().env).toMatchObject({
        SCHEMA_REGISTRY_URL: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
        SCHEMA_REGISTRY_USER_INFO: '',
        KSQL_KSQL_SCHEMA_REGISTRY_BEARER_AUTH_TOKEN: '',
      });
    });

    it("of the user's hand on what the environment says", async () => {
      const { part } = await planned(['ksql-server']);
      expect(part('ksql-server').launch().env).toMatchObject(foreign);
    });
  });

  it('keep what waits for the broker among the data, where a kill does not reach it', async () => {
    const { home, part } = await planned();
    for (const name of ['sensor-sim', 'weather-ingest'])
      expect(part(name).launch().env['BUFFER_DIR']).toBe(join(home.data, 'buffers'));
  });

  it('listen on loopback alone', async () => {
    const { home, parts, part } = await planned();
    // A data folder that was formatted already: nothing of Java runs here.
    mkdirSync(join(home.data, 'kafka'), { recursive: true });
    writeFileSync(join(home.data, 'kafka', 'meta.properties'), '');
    for (const name of ['kafka', 'connect']) await part(name).prepare?.(AbortSignal.timeout(5_000));
    const rendered = readdirSync(home.config)
      .map((file) => readFileSync(join(home.config, file), 'utf8'))
      .join('\n');
    const listeners = [...rendered.matchAll(/^(?:advertised\.)?listeners=(.+)$/gm)].flatMap(([, list = '']) =>
      list.split(','),
    );
    expect(listeners.length).toBe(4);
    for (const listener of listeners) expect(listener).toMatch(/^[A-Za-z]+:\/\/127\.0\.0\.1:\d+$/);
    expect(rendered).toMatch(/^rest\.advertised\.host\.name=127\.0\.0\.1$/m);
    expect(rendered).toMatch(/^admin\.listeners=$/m);
    expect(part('postgres').launch().args).toEqual(
      expect.arrayContaining(['listen_addresses=127.0.0.1', 'unix_socket_directories=']),
    );
    for (const name of ours) {
      // What the user's environment says cannot widen it either.
      process.env['HOST'] = '0.0.0.0';
      expect(part(name).launch().env['HOST']).toBe('127.0.0.1');
      delete process.env['HOST'];
    }
    expect(parts.map(({ name }) => name).sort()).toEqual(
      stepNames.filter((name) => name !== 'topics' && name !== 'first-record').sort(),
    );
  });
});
