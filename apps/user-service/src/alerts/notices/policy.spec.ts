import { describe, expect, it } from '@jest/globals';
import { hour } from '../testing/histories.js';
import { defaultBudget, digestKeyOf, nextDigest, quietUntil, type PersonPolicy } from './policy.js';
import { instantOf, localDateOf } from './zoned-time.js';

const zone = 'America/New_York';
const night: PersonPolicy = {
  personId: 'ann',
  zone,
  quiet: { from: '22:00', to: '07:00' },
  breakThrough: null,
  digestAt: '07:00',
  ...defaultBudget,
};
const utc = (text: string): number => Date.parse(`${text}Z`);

describe('wall times', () => {
  it('are later by the hour that is skipped, and the first of two', () => {
    expect(instantOf('2026-03-08', '02:30', zone)).toBe(utc('2026-03-08T07:30:00')); // 03:30 of summer
    expect(instantOf('2026-11-01', '01:30', zone)).toBe(utc('2026-11-01T05:30:00')); // still summer
    expect(instantOf('2026-07-01', '12:00', 'Asia/Kolkata')).toBe(utc('2026-07-01T06:30:00'));
    // Lord Howe puts its clocks by half an hour.
    expect(instantOf('2026-10-04', '02:15', 'Australia/Lord_Howe')).toBe(utc('2026-10-03T15:45:00'));
    expect(localDateOf(utc('2026-07-01T03:59:59'), zone)).toBe('2026-06-30');
  });

  it('make a night of eight hours in spring and of ten in autumn', () => {
    for (const [date, hours] of [
      ['2026-03-07', 8],
      ['2026-10-31', 10],
      ['2026-07-01', 9],
    ] as const) {
      const fromMs = instantOf(date, '22:00', zone);
      expect(quietUntil(night, fromMs - 1)).toBeNull();
      expect(quietUntil(night, fromMs)).toBe(fromMs + hours * hour);
      expect(quietUntil(night, fromMs + 5 * hour)).toBe(fromMs + hours * hour);
      expect(quietUntil(night, fromMs + hours * hour)).toBeNull();
    }
  });

  it('hold within a day, too', () => {
    const siesta = { ...night, quiet: { from: '13:00', to: '15:00' } };
    expect(quietUntil(siesta, utc('2026-07-01T17:30:00'))).toBe(utc('2026-07-01T19:00:00'));
    expect(quietUntil(siesta, utc('2026-07-01T19:00:00'))).toBeNull();
  });

  it('give one digest a date for two years, whatever the clocks do', () => {
    for (const digestAt of ['01:30', '02:30', '00:00']) {
      const policy = { ...night, quiet: null, digestAt };
      const keys = new Set<string>();
      let atMs = utc('2026-01-01T12:00:00');
      for (let days = 0; days < 730; days++) {
        atMs = nextDigest(policy, atMs);
        keys.add(digestKeyOf(policy, atMs));
      }
      expect(keys.size).toBe(730);
      expect(atMs).toBe(instantOf('2028-01-01', digestAt, zone));
    }
  });

  it('of a rule hold beside those of the person, one after the other', () => {
    const ruleQuiet = { heat: { from: '06:00', to: '09:00', zone } };
    const policy = { ...night, quiet: { from: '22:00', to: '07:00' }, ruleQuiet };
    const at = (time: string): number => instantOf('2026-07-01', time, zone);
    expect(quietUntil(policy, at('05:00'), 'heat')).toBe(at('09:00'));
    expect(quietUntil(policy, at('05:00'), 'cold')).toBe(at('07:00'));
    expect(quietUntil(policy, at('08:00'), 'heat')).toBe(at('09:00'));
    expect(quietUntil(policy, at('08:00'), 'cold')).toBeNull();
    // Quiet all day: something is told all the same.
    const always = { ...policy, ruleQuiet: { heat: { from: '06:00', to: '23:00', zone } } };
    expect(quietUntil(always, at('05:00'), 'heat')).toBeLessThan(at('05:00') + 3 * 24 * 3_600_000);
  });
});
