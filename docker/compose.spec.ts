import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse, type ScalarTag } from 'yaml';

const root = resolve(import.meta.dirname, '..');

interface HealthCheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly start_period: string;
}

interface Service {
  readonly image: string;
  readonly build?: { readonly dockerfile: string };
  readonly user?: string;
  readonly mem_limit: string;
  readonly volumes?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly cap_drop: readonly string[];
  readonly restart: string;
  readonly healthcheck: HealthCheck;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly deploy?: unknown;
  readonly profiles?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes?: Readonly<Record<string, unknown>>;
}

/** `!override` and `!reset` say how Compose merges; what they stand before is read as it is. */
const merging = (tag: '!override' | '!reset', collection: 'map' | 'seq') =>
  ({ tag, collection }) as unknown as ScalarTag;

function compose(file: string): Compose {
  const text = readFileSync(join(root, file), 'utf8');
  return parse(text, {
    merge: true,
    customTags: [merging('!override', 'map'), merging('!override', 'seq'), merging('!reset', 'seq')],
  }) as Compose;
}

const { services, volumes = {} } = compose('docker-compose.yml');
const embedded = compose('docker/compose.embedded.yml');
const secure = compose('docker/compose.secure.yml');
const all = Object.entries(services);
/** Those that nobody has to ask for. */
const usual = all.filter(([, { profiles }]) => profiles === undefined);

/** The default of `${NAME:-default}`. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
const mebibytes = (limit: string): number => {
  const [, count = '', unit = ''] = /^(\d+)([mg])$/.exec(limit) ?? [];
  return Number(count) * (unit === 'g' ? 1024 : 1);
};

/** Each image that a Dockerfile starts from, with the defaults of its arguments. */
function baseImages(dockerfile: string): string[] {
  const text = readFileSync(join(root, dockerfile), 'utf8');
  const defaults = new Map([...text.matchAll(/^ARG (\w+)=(\S+)/gm)].map(([, name = '', value = '']) => [name, value]));
  const stages = new Set([...text.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name]) => name));
  return [...text.matchAll(/^FROM (\S+)/gm)]
    .map(([, image = '']) => image.replace(/^\$\{(\w+)\}$/, (_, name: string) => defaults.get(name) ?? ''))
    .filter((image) => !stages.has(image));
}

describe('docker-compose.yml', () => {
  it('has nine containers at most, one of each service', () => {
    expect(usual.length).toBeLessThanOrEqual(9);
    for (const [, service] of all) expect(service.deploy).toBeUndefined();
  });

  it.each(['docker-compose.yml', 'docker/compose.embedded.yml'])('stays within 4 GB by its limits: %s', (file) => {
    const over = compose(file).services;
    const limits = usual.map(([name, service]) => mebibytes(over[name]?.mem_limit ?? service.mem_limit));
    expect(limits.every((limit) => limit > 0)).toBe(true);
    expect(limits.reduce((sum, limit) => sum + limit, 0)).toBeLessThanOrEqual(4 * 1024);
  });

  it('keeps data in named volumes only; what else is mounted is configuration of this repository', () => {
    for (const [, service] of all) {
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./')) expect(source).toMatch(/^\.\/(config|ksql|connectors)$/);
        else expect(Object.keys(volumes)).toContain(source);
      }
    }
    for (const name of ['postgres', 'kafka']) {
      const own = services[name]?.volumes?.map((volume) => volume.split(':')[0]) ?? [];
      expect(own).toContain(`${name}-data`);
    }
  });

  it('names every image with a version', () => {
    const images = [
      ...all.filter(([, { build }]) => build === undefined).map(([, { image }]) => withDefaults(image)),
      ...all.flatMap(([, { build }]) => (build === undefined ? [] : baseImages(build.dockerfile))),
    ];
    expect(images.length).toBeGreaterThan(4);
    for (const image of images) expect(image).toMatch(/^[\w./-]+:v?\d[\w.-]*$/);
  });
});

describe('the profile registry', () => {
  const address = '${COMPOSE_PROFILES:+http://registry:8080/apis/ccompat/v7}';

  it('brings a schema registry, and its address to either ksqlDB only with it', () => {
    expect(services['registry']?.profiles).toEqual(['registry']);
    expect(services['ksqldb']?.environment?.['KSQL_KSQL_SCHEMA_REGISTRY_URL']).toBe(address);
    expect(embedded.services['ksqldb']?.environment?.['SCHEMA_REGISTRY_URL']).toBe(address);
  });
});

describe('docker/compose.secure.yml', () => {
  it('gives every service of ours the generated token, read-only, and takes the leave to go without', () => {
    const ours = all.filter(([name, { image }]) => image === 'isobar/services' || name === 'ksqldb');
    expect(ours.length).toBe(6);
    for (const [name] of ours)
      expect(secure.services[name]).toMatchObject({
        environment: { PRIVATE_NETWORK: 'false', AUTH_TOKEN_FILE: '/run/isobar-api/api-token' },
        volumes: ['api-token:/run/isobar-api:ro'],
      });
  });

  it('publishes nothing that asks nobody for credentials', () => {
    for (const name of ['connect', 'registry']) expect(secure.services[name]?.ports).toEqual([]);
    expect(services['postgres']?.ports).toBeUndefined();
  });
});

describe.each(all)('the service %s of docker-compose.yml', (name, service) => {
  it('has a health check that asks the service, and time to start', () => {
    const { test, interval, timeout, start_period } = service.healthcheck;
    expect(['CMD', 'CMD-SHELL']).toContain(test[0]);
    expect(test.join(' ')).toMatch(/readyz|health|select 1|kafka-broker-api-versions|subjects/);
    for (const time of [interval, timeout, start_period]) expect(time).toMatch(/^\d+s$/);
  });

  it('waits only for services that are healthy', () => {
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(Object.keys(services)).toContain(other);
      expect(condition).toBe('service_healthy');
    }
  });

  it('runs as an unprivileged user, without capabilities, and comes back when it dies', () => {
    expect(service.user ?? lastUser(service.build?.dockerfile)).toMatch(/^(1000:1000|node|postgres)$/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.restart).toBe('unless-stopped');
  });

  it('is reached on loopback only', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  if (service.image === 'isobar/services')
    it('says why it may listen beyond loopback without credentials', () => {
      expect(service.environment).toMatchObject({ PRIVATE_NETWORK: 'true' });
    });

  if (name === 'ksqldb')
    it('can be ours instead, with a health check of its own', () => {
      expect(embedded.services[name]).toMatchObject({
        image: 'isobar/services',
        read_only: true,
        environment: { PRIVATE_NETWORK: 'true', ALLOWED_HOSTS: name },
      });
      expect(embedded.services[name]?.healthcheck.test.join(' ')).toContain('/readyz');
    });
});

function lastUser(dockerfile: string | undefined): string {
  if (dockerfile === undefined) return 'root';
  return [...readFileSync(join(root, dockerfile), 'utf8').matchAll(/^USER (\S+)/gm)].at(-1)?.[1] ?? 'root';
}
