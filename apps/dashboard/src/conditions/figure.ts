import { z } from 'zod';

/**
 * How far a value can be trusted: `live`; `stale` (older than it should be); `unknown` (never reported);
 * `unavailable` (its source reports, but not this value); `sample` (simulated, because the real source is out of reach).
 */
const dataStates = ['live', 'stale', 'unknown', 'unavailable', 'sample'] as const;
type DataState = (typeof dataStates)[number];

/** A value never goes without where it comes from, when it was true, and its state. */
export interface Figure<T> {
  readonly value: T | null;
  /** `nws`, `sample`, the id of a sensor, or `sensors` for a figure made of several. */
  readonly source: string | null;
  /** When it was observed or measured, in milliseconds since the epoch. */
  readonly at: number | null;
  readonly state: DataState;
  /** Older than this the value counts as stale; a page can go on judging without asking again. */
  readonly staleAfterMs: number;
}

export const figureSchema = <T extends z.ZodType>(value: T) =>
  z.object({
    value: value.nullable(),
    source: z.string().nullable(),
    at: z.number().nullable(),
    state: z.enum(dataStates),
    staleAfterMs: z.number(),
  });

export interface Origin {
  readonly source: string | null;
  readonly at: number | null;
  readonly staleAfterMs: number;
}

export function figure<T>(value: T | null | undefined, origin: Origin, now: number): Figure<T> {
  return { value: value ?? null, ...origin, state: stateOf(value, origin, now) };
}

function stateOf(value: unknown, { source, at, staleAfterMs }: Origin, now: number): DataState {
  if (at === null) return 'unknown';
  if (value === null || value === undefined) return 'unavailable';
  if (now - at > staleAfterMs) return 'stale';
  return source === 'sample' ? 'sample' : 'live';
}
