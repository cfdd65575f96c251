import { describe, expect, it } from '@jest/globals';
import { availableMemoryMb, requireMachine } from './checks.js';

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
  });

  it.each([
    [{ ...good, memoryFreeMb: 300 }, /^300 MB of memory are free, about 1200 MB are needed$/],
    [{ ...good, diskFreeMb: 20 }, /^20 MB of disk are free, about 500 MB are needed$/],
  ])('is refused otherwise, with figures', (machine, message) => {
    expect(() => requireMachine(machine)).toThrow(message);
  });
});
