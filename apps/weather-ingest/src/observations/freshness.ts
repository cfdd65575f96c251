import type { CityObservation } from './observation-source.js';

/** Stations report every 20 to 60 minutes; what is older than this no longer tells the weather of now. */
const staleAfterMs = 90 * 60_000;

export type Freshness = 'live' | 'stale' | 'sample';

/** How much a city's latest observation is worth now. */
export function freshnessOf({ value }: CityObservation, nowMs: number): Freshness {
  if (value.source !== 'nws') return 'sample';
  return nowMs - value.observed_at > staleAfterMs ? 'stale' : 'live';
}
