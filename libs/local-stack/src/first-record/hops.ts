/** Where the marked reading and the marked user pass, in the order of the flow. */
export const hops = [
  'PostgreSQL insert',
  'iot-sensors',
  'postgres-users (change data capture)',
  'city-sensors',
  'city-conditions',
  'user-conditions',
  'dashboard',
] as const;

export type Hop = (typeof hops)[number];

/** Where a marked record was last seen, and where it should have come next. */
export class HopTracker {
  readonly #seen = new Set<Hop>();

  see(hop: Hop): void {
    this.#seen.add(hop);
  }

  has(hop: Hop): boolean {
    return this.#seen.has(hop);
  }

  get missing(): Hop | undefined {
    return hops.find((hop) => !this.#seen.has(hop));
  }

  /** `seen at city-sensors, waits for user-conditions`. */
  describe(): string {
    const last = hops.findLast((hop) => this.#seen.has(hop));
    const next = this.missing;
    if (next === undefined) return 'seen at every hop';
    return last === undefined ? `waits for ${next}` : `seen at ${last}, waits for ${next}`;
  }
}
