import { advance } from '../life/advance.js';
import { newState } from '../life/state.js';
import type { AlertState, Input, RuleVersion, Sample, Transition } from '../life/types.js';

/** A random source that a seed repeats: mulberry32. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from 0 up to, and without, `end`. */
  below(end: number): number {
    return Math.floor(this.next() * end);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  shuffled<T>(items: readonly T[]): T[] {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [result[j] as T, result[i] as T];
    }
    return result;
  }
}

export const minute = 60_000;
export const hour = 60 * minute;
/** Noon of a summer's day. */
export const start = Date.UTC(2026, 6, 1, 12);

/** Hot above 90: ten minutes to raise and to clear, two degrees of deadband. */
export const hot: RuleVersion = {
  ruleId: 'hot',
  version: 1,
  comparison: 'ABOVE',
  threshold: 90,
  deadband: 2,
  severity: 'WARNING',
  escalations: [{ threshold: 100, severity: 'CRITICAL' }],
  onDelayMs: 10 * minute,
  offDelayMs: 10 * minute,
  maxGapMs: 15 * minute,
  staleAfterMs: 30 * minute,
  maxUnknownMs: 6 * hour,
  coolDownMs: 20 * minute,
  latenessMs: 0,
  remindEveryMs: 0,
  maxReminders: 0,
};

let offset = 0;
/** A sample so many minutes after the start, heard when it was measured; each is a record of its own. */
export function sampleAt(minutes: number, value: number, more: Partial<Sample> = {}): Sample {
  const atMs = start + minutes * minute;
  offset++;
  const place = { topic: 'alert-signals', partition: 0, offset, eventId: `${atMs}` };
  return { atMs, value, heardAtMs: atMs, place, ...more };
}

export const read = (sample: Sample, watermarkMs = sample.atMs): Input => ({ kind: 'sample', sample, watermarkMs });
export const tick = (minutes: number, caughtUp = true): Input => ({
  kind: 'tick',
  nowMs: start + minutes * minute,
  watermarkMs: 0,
  caughtUp,
});

/** Runs inputs through a machine, the real one unless told otherwise. */
export function live(
  rule: RuleVersion,
  inputs: readonly Input[],
  { state = newState(rule, 'home'), machine = advance }: { state?: AlertState; machine?: typeof advance } = {},
): { readonly state: AlertState; readonly transitions: readonly Transition[] } {
  const transitions: Transition[] = [];
  for (const input of inputs) {
    const next = machine(rule, state, input);
    state = next.state;
    transitions.push(...next.transitions);
  }
  return { state, transitions };
}

export const kindsOf = (transitions: readonly Transition[]): readonly string[] => transitions.map(({ kind }) => kind);
