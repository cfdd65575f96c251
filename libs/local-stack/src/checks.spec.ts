import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { availableMemoryMb, requireMachine, requireSomethingToRead } from './checks.js';
import { createHome, stackHome } from './home.js';

const vmStat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               12000.
Pages active:                            300000.
Pages inactive:                          150000.
Pages speculative:                         2000.
Pages throttled:                              0.
Pages wired down:                        110000.
Pages purgeable:                           5000.
`;

describe('available memory', () => {
  it('is on macOS what the system would give away, too', () => {
    expect(availableMemoryMb('darwin', () => vmStat)).toBe(2562);
  });

  it('is what Node says on Linux, and where vm_stat says nothing that is understood', () => {
    const nodeSays = process.availableMemory() / 1024 / 1024;
    for (const found of [availableMemoryMb('linux'), availableMemoryMb('darwin', () => 'something else')]) {
      expect(found).toBeGreaterThan(nodeSays / 2);
      expect(found).toBeLessThan(nodeSays * 2);
    }
  });
});

describe('a machine', () => {
  const good = { nodeVersion: '24.0.0', memoryFreeMb: 8000, diskFreeMb: 9000 };

  it('is taken when it has what the stack needs', () => {
    expect(() => requireMachine(good)).not.toThrow();
    expect(() => requireMachine({ ...good, memoryFreeMb: 1300 })).not.toThrow();
  });

  it('needs more for an optional part', () => {
    expect(() => requireMachine({ ...good, memoryFreeMb: 1300 }, ['registry'])).toThrow('about 1400 MB are needed');
  });

  it.each([
    [{ ...good, memoryFreeMb: 300 }, /^300 MB of memory are free, about 1200 MB are needed$/],
    [{ ...good, diskFreeMb: 20 }, /^20 MB of disk are free, about 500 MB are needed$/],
  ])('is refused otherwise, with figures', (machine, message) => {
    expect(() => requireMachine(machine)).toThrow(message);
  });
});

describe('read-only mode', () => {
  const home = stackHome(mkdtempSync(join(tmpdir(), 'isobar-read-only-')));
  afterAll(() => rmSync(home.root, { recursive: true, force: true }));

  it('is refused where nothing was deployed yet, and says what to do', () => {
    createHome(home);
    expect(() => requireSomethingToRead(home, true, { READ_ONLY: 'true' })).toThrow(
      expect.objectContaining({
        message: `READ_ONLY=true, and there is nothing to read in ${home.root} yet`,
        details: expect.objectContaining({ fix: expect.stringContaining('once without READ_ONLY') }),
      }),
    );
  });

  it('is as good as any for a home that holds something, and for parts that deploy nothing', () => {
    requireSomethingToRead(home, false, { READ_ONLY: 'true' });
    requireSomethingToRead(home, true, { READ_ONLY: 'false' });
    requireSomethingToRead(home, true, {});
    mkdirSync(join(home.data, 'kafka'));
    requireSomethingToRead(home, true, { READ_ONLY: 'true' });
  });
});
