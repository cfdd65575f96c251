import { beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryHome } from '../testing/fake-part.js';
import { compareWithLock, quickFingerprint, readJvmLock, writeJvmLock } from './jvm-lock.js';

describe('JVM lock file', () => {
  let folder: string;
  let lockFile: string;
  beforeEach(async () => {
    folder = temporaryHome().root;
    lockFile = join(folder, 'lock.json');
    mkdirSync(join(folder, 'libs'));
    writeFileSync(join(folder, 'libs', 'a.jar'), 'content of a');
    writeFileSync(join(folder, 'libs', 'readme.txt'), 'no jar');
    await writeJvmLock(folder, lockFile);
  });

  it('holds path, size and checksum of each jar', async () => {
    expect(await readJvmLock(lockFile)).toEqual([
      { path: 'libs/a.jar', bytes: 12, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  it('agrees with the folder it was made from', async () => {
    expect(await compareWithLock(folder, await readJvmLock(lockFile))).toEqual([]);
  });

  it('names a changed, a missing and a strange jar', async () => {
    const locked = await readJvmLock(lockFile);
    writeFileSync(join(folder, 'libs', 'a.jar'), 'content of b');
    expect((await compareWithLock(folder, locked))[0]).toMatch(/^libs\/a\.jar has SHA-256 .* expected /);
    rmSync(join(folder, 'libs', 'a.jar'));
    writeFileSync(join(folder, 'libs', 'b.jar'), '');
    expect(await compareWithLock(folder, locked)).toEqual([
      'libs/a.jar is missing',
      'libs/b.jar is not in the lock file',
    ]);
  });

  it('notices a touched file without reading it', async () => {
    const before = await quickFingerprint(folder, lockFile);
    expect(await quickFingerprint(folder, lockFile)).toBe(before);
    utimesSync(join(folder, 'libs', 'a.jar'), 1, 1);
    expect(await quickFingerprint(folder, lockFile)).not.toBe(before);
  });
});
