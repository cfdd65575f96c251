import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config/read-config.js';
import { serviceConfig } from '../config/service-config.js';
import { guardPolicyFrom } from './guard-settings.js';

const token = 'a-token-of-some-length';
let folder: string;
const file = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
};
const policy = (environment: Record<string, string>) =>
  guardPolicyFrom('parcels', readConfig('parcels', serviceConfig(0), environment), { bodies: 'json', routes: {} });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-guard-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the settings of the guard', () => {
  it('ask for nothing on loopback', () => {
    for (const HOST of ['127.0.0.1', 'localhost', '::1', '127.0.0.2'])
      expect(policy({ HOST })).toMatchObject({ credentials: undefined, isReadOnly: false });
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'isobar.example', '::ffff:127.0.0.1'])(
    'let no service listen on %s without credentials',
    (HOST) => {
      expect(() => policy({ HOST })).toThrow(
        /HOST is ".*", which others can reach.*AUTH_TOKEN.*AUTH_USERS_FILE.*PRIVATE_NETWORK/,
      );
      expect(() => policy({ HOST, AUTH: 'off', AUTH_TOKEN: token })).toThrow('which others can reach');
      expect(policy({ HOST, AUTH_TOKEN: token }).credentials?.token).toBe(token);
      expect(policy({ HOST, PRIVATE_NETWORK: 'true' }).credentials).toBeUndefined();
    },
  );

  it('turn authentication on with the first credential, or say what is missing', () => {
    expect(policy({ AUTH_TOKEN: token }).credentials?.token).toBe(token);
    expect(policy({ AUTH_TOKEN_FILE: file('token', `${token}\n`) }).credentials?.token).toBe(token);
    expect(policy({ AUTH: 'off', AUTH_TOKEN: token }).credentials).toBeUndefined();
    expect(() => policy({ AUTH: 'on' })).toThrow(/AUTH is "on".*AUTH_TOKEN, AUTH_TOKEN_FILE or AUTH_USERS_FILE/);
    expect(() => policy({ AUTH: 'on', AUTH_TOKEN_FILE: join(folder, 'missing') })).toThrow(
      /AUTH_TOKEN_FILE is ".*ENOENT/,
    );
    expect(() => policy({ AUTH_TOKEN_FILE: file('short', 'short') })).toThrow('at least 16');
  });

  it('read users as ksqlDB does, and never show a password', () => {
    const users = file('users', '# people\n\nada: pass word,developer, admin\r\n bob:builder\n');
    expect(
      policy({ AUTH_USERS_FILE: users, AUTH_REALM: 'weather', AUTH_ROLES: 'admin, developer' }).credentials,
    ).toEqual({
      token: undefined,
      users: [
        { name: 'ada', password: 'pass word', roles: ['developer', 'admin'] },
        { name: 'bob', password: 'builder', roles: [] },
      ],
      realm: 'weather',
      roles: ['admin', 'developer'],
    });
    for (const content of ['ada hunter2', 'ada: hunter2\nhunter2', ': hunter2', 'ada: MD5:hunter2']) {
      const failure = (): unknown => policy({ AUTH_USERS_FILE: file('bad', content) });
      expect(failure).toThrow(/AUTH_USERS_FILE .* line [12]/);
      expect(failure).not.toThrow(/hunter2/);
    }
  });

  it('never show a token that cannot be used', () => {
    const failure = (): unknown => policy({ AUTH_TOKEN: 'hunter2' });
    expect(failure).toThrow('AUTH_TOKEN (value hidden) must have at least 16 characters');
    expect(failure).not.toThrow(/hunter2/);
  });

  it('name further hosts and pages', () => {
    const { allowedHosts, allowedOrigins } = policy({
      HOST: '192.168.1.5',
      AUTH_TOKEN: token,
      ALLOWED_HOSTS: 'Isobar.example, ksqldb',
      ALLOWED_ORIGINS: 'https://ops.example,http://localhost:5173',
    });
    expect([...allowedHosts]).toEqual(['isobar.example', 'ksqldb', '192.168.1.5']);
    expect([...allowedOrigins]).toEqual(['https://ops.example', 'http://localhost:5173']);
    for (const ALLOWED_HOSTS of ['*', 'a:80', 'http://a', 'a b'])
      expect(() => policy({ ALLOWED_HOSTS })).toThrow('ALLOWED_HOSTS');
    for (const ALLOWED_ORIGINS of [
      '*',
      'null',
      'ops.example',
      'https://ops.example/',
      'https://OPS.example',
      'file://x',
    ])
      expect(() => policy({ ALLOWED_ORIGINS })).toThrow('ALLOWED_ORIGINS');
  });
});
