import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { findJava, repositoryRoot, stackHome } from '@isobar/local-stack';
import { randomFreePorts, stretchedMs, until } from '@isobar/local-stack/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { schemaRegistryContract } from '../../testing/schema-registry/schema-registry-contract.js';
import { HttpSchemaRegistry } from './http-schema-registry.js';

const folder = join(repositoryRoot, '.isobar', 'registry');
const jar = existsSync(folder) ? readdirSync(folder).find((file) => file.endsWith('-runner.jar')) : undefined;
const java = findJava(stackHome());

if (jar === undefined || java === undefined) {
  describe('a real schema registry', () => {
    it.skip(`needs ${java === undefined ? 'Java 17' : 'docker/jvm/mvnw -B -ntp -q -f docker/jvm/registry generate-resources'}`, () =>
      undefined);
  });
} else {
  let registry: HttpSchemaRegistry | undefined;
  let program: ChildProcess | undefined;
  beforeAll(async () => {
    const [port = 0, managementPort = 0] = await randomFreePorts(2);
    const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    const flags = ['-Xms64m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
    program = spawn(java.executable, [...flags, '-jar', jar], {
      cwd: folder,
      stdio: 'ignore',
      env: {
        ...process.env,
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(port),
        QUARKUS_MANAGEMENT_HOST: '127.0.0.1',
        QUARKUS_MANAGEMENT_PORT: String(managementPort),
        QUARKUS_LOG_LEVEL: 'WARN',
        APICURIO_UI_ENABLED: 'false',
      },
    });
    // It checks nothing on registration until it is told to.
    await until('the registry to answer', stretchedMs(60_000), async () => {
      const answer = await fetch(`${url}/config`, {
        method: 'PUT',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ compatibility: 'BACKWARD' }),
      }).catch(() => undefined);
      return answer?.ok === true;
    });
    registry = new HttpSchemaRegistry({ urls: [url] });
  }, 120_000);
  afterAll(async () => {
    if (program === undefined) return;
    const exited = once(program, 'exit');
    program.kill('SIGTERM');
    await exited;
  });

  schemaRegistryContract('Apicurio', () => {
    if (registry === undefined) throw new Error('the registry has not started');
    return registry;
  });
}
