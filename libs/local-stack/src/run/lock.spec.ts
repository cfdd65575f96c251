import { describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf } from '../process/process-identity.js';
import { temporaryHome } from '../testing/fake-part.js';
import { lockHolder, RunLock } from './lock.js';

describe('RunLock', () => {
  it('is held by one process until it is released', () => {
    const file = join(temporaryHome().run, 'lock');
    const lock = RunLock.acquire(file);
    expect(lock).toBeInstanceOf(RunLock);
    expect(lockHolder(file)).toEqual(identityOf(process.pid));
    expect(RunLock.acquire(file)).toEqual(identityOf(process.pid));
    (lock as RunLock).release();
    expect(existsSync(file)).toBe(false);
    expect(RunLock.acquire(file)).toBeInstanceOf(RunLock);
  });

  it('is free when its holder has ended, even if another process has its id now', () => {
    const file = join(temporaryHome().run, 'lock');
    writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: 'another time' }));
    expect(lockHolder(file)).toBeUndefined();
    expect(RunLock.acquire(file)).toBeInstanceOf(RunLock);
  });

  it('is free when its file is half written', () => {
    const file = join(temporaryHome().run, 'lock');
    writeFileSync(file, '{"pid": 1');
    expect(RunLock.acquire(file)).toBeInstanceOf(RunLock);
  });
});
