import { OCCURRENCES, type Occurrence, type Occurrences } from '../../src/adapters/memory/occurrences.js';
import { QUERIES, type QueryName } from './queries.js';

const OF_RUNTIME = [
  /** A server took the service id over from another. */
  'takenOver',
  /** Two processes took themselves for its owner, one of which stood still. */
  'twoOwners',
  'stateRestored',
  'stateFromDisk',
  'lateRecord',
  'lossTold',
] as const;

export type Sighting = (typeof OF_RUNTIME)[number] | Occurrence | QueryName;

/**
 * What other runs try: the topics of these stay what they are and take all that is written, and whoever takes over has fenced its
 * predecessor before it asks for offsets.
 */
const ELSEWHERE: ReadonlySet<Sighting> = new Set<Sighting>(['recordRefused', 'topicReplaced', 'offsetsAwaited']);

/** All that many runs must have shown at least once, or they have not tried it. */
export const SIGHTINGS: readonly Sighting[] = [
  ...OF_RUNTIME,
  ...OCCURRENCES,
  ...(Object.keys(QUERIES) as QueryName[]),
].filter((sighting) => !ELSEWHERE.has(sighting));

/** In how many runs something was seen. */
export class Sightings {
  readonly #counts = new Map<Sighting, number>();

  add(sighting: Sighting, runs = 1): void {
    this.#counts.set(sighting, this.count(sighting) + runs);
  }

  addOccurrences(occurrences: Occurrences): void {
    for (const occurrence of OCCURRENCES) if (occurrences.count(occurrence) > 0) this.add(occurrence);
  }

  /** Takes those of one run. */
  join(run: Sightings): void {
    for (const sighting of run.#counts.keys()) this.add(sighting);
  }

  count(sighting: Sighting): number {
    return this.#counts.get(sighting) ?? 0;
  }

  get missing(): readonly Sighting[] {
    return SIGHTINGS.filter((sighting) => this.count(sighting) === 0);
  }
}
