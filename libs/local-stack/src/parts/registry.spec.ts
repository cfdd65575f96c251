import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repositoryRoot, type StackHome } from '../home.js';
import type { JavaRuntime } from '../jvm/java.js';
import type { Part } from '../part.js';
import { randomFreePorts } from '../ports.js';
import { loadSecrets } from '../secrets.js';
import { temporaryHome } from '../testing/fake-part.js';
import { registryPart } from './registry.js';

const java: JavaRuntime = { executable: 'java', home: '', version: '21', hasBaseArchive: false, from: 'PATH' };

describe('the schema registry as a part', () => {
  let home: StackHome;
  let part: Part;
  let server: Server | undefined;
  let port = 0;
  let postgresPort = 0;
  beforeEach(async () => {
    const temporary = temporaryHome();
    home = { ...temporary, registry: join(temporary.root, 'registry') };
    [port = 0, postgresPort = 0] = await randomFreePorts(2);
    part = registryPart({ home, java, port, postgresPort, secrets: loadSecrets(home) });
  });
  afterEach(() => {
    server?.close();
  });

  /** A registry that says one level and keeps what it is given. */
  async function registryAt(level: string, putStatus = 200): Promise<string[]> {
    const puts: string[] = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.url === '/apis/ccompat/v7/subjects') response.end('["a-value","b-value"]');
        else if (request.method === 'GET') response.end(JSON.stringify({ compatibilityLevel: level }));
        else {
          puts.push(body);
          response.writeHead(putStatus).end(putStatus === 200 ? body : 'no');
        }
      });
    });
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    return puts;
  }

  it('is ready when it tells its subjects, and not before', async () => {
    expect(await part.check()).toEqual({ ready: false, sees: 'not listening yet' });
    await registryAt('NONE');
    expect(await part.check()).toEqual({ ready: true, sees: '' });
  });

  it('checks new versions once it runs', async () => {
    const puts = await registryAt('NONE');
    await part.afterReady?.();
    expect(puts).toEqual(['{"compatibility":"BACKWARD"}']);
  });

  it('keeps the level that somebody has set', async () => {
    const puts = await registryAt('FULL_TRANSITIVE');
    await part.afterReady?.();
    expect(puts).toEqual([]);
  });

  it('does not start unchecked: a level that is refused is an error that says what was answered', async () => {
    await registryAt('NONE', 403);
    await expect(part.afterReady?.()).rejects.toMatchObject({ details: { why: expect.stringMatching(/403 no/) } });
  });

  it('listens on loopback, with the database and the password of its own', () => {
    mkdirSync(home.registry);
    writeFileSync(join(home.registry, 'apicurio-runner.jar'), '');
    const { env, args } = part.launch();
    expect(args).toEqual(expect.arrayContaining(['-jar', join(home.registry, 'apicurio-runner.jar')]));
    expect(env).toMatchObject({
      QUARKUS_HTTP_HOST: '127.0.0.1',
      QUARKUS_HTTP_PORT: String(port),
      APICURIO_DATASOURCE_URL: `jdbc:postgresql://127.0.0.1:${postgresPort}/registry`,
      APICURIO_DATASOURCE_USERNAME: 'registry',
      APICURIO_DATASOURCE_PASSWORD: loadSecrets(home).registryPassword,
    });
    expect(loadSecrets(home).registryPassword).not.toBe(loadSecrets(home).ownerPassword);
  });

  it('has the same settings and version with Docker, save for where it and its database are', () => {
    mkdirSync(home.registry);
    writeFileSync(join(home.registry, 'apicurio-runner.jar'), '');
    const settings = (environment: Readonly<Record<string, string>>) =>
      Object.entries(environment)
        .filter(([name]) => /^(QUARKUS|APICURIO)_/.test(name) && !/_(HOST|PORT|URL|PASSWORD)$/.test(name))
        .sort();
    const compose = parse(readFileSync(join(repositoryRoot, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      services: { registry: { image: string; environment: Record<string, string> } };
    };
    const { image, environment } = compose.services.registry;
    expect(settings(environment)).toEqual(settings(part.launch().env));
    expect(settings(environment).length).toBeGreaterThan(8);
    const pom = readFileSync(join(repositoryRoot, 'docker', 'jvm', 'registry', 'pom.xml'), 'utf8');
    const [, version = 'none'] = /<apicurio\.version>(.+)</.exec(pom) ?? [];
    expect(image).toContain(`:${version}}`);
  });

  it('says what to do when its files or its database are not there', async () => {
    expect(() => part.launch()).toThrow(
      expect.objectContaining({ details: { fix: 'npx isobar setup --with registry fetches them' } }),
    );
    await expect(part.prepare?.(AbortSignal.timeout(5_000))).rejects.toMatchObject({
      message: 'the schema registry has no database',
      details: { why: expect.stringContaining(`127.0.0.1:${postgresPort}`), fix: expect.stringContaining('postgres') },
    });
  });
});
