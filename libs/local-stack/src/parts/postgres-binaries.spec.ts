import { describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../testing/fake-part.js';
import { canReach, postgresBinaries, postgresUser, reachableFolder } from './postgres-binaries.js';

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

  it('finds the server, with every library link in place', () => {
    const folder = postgresBinaries(undefined);
    expect(existsSync(join(folder, 'bin', 'postgres'))).toBe(true);
  });
});
