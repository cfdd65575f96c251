import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { CityObservation } from './observation-source.js';
import type { LastPublished } from './poll-observations.js';

const stateSchema = z.object({
  /** The Kafka cluster that has these records; another one has none of them. */
  clusterId: z.string(),
  cities: z.record(
    z.string(),
    z.object({
      source: z.enum(['nws', 'sample']),
      real: z.object({ eventId: z.string(), observedAtMs: z.number() }).optional(),
    }),
  ),
});

/** What was published, kept over restarts, so that a restart repeats no record. */
export class PublishedState {
  private cities: Record<string, LastPublished> = {};
  private clusterId = '';

  constructor(private readonly file: string) {}

  /** Takes over what is on disk if it belongs to this cluster. A file that cannot be read costs a repeated record, no more. */
  load(clusterId: string): void {
    this.clusterId = clusterId;
    try {
      const state = stateSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
      if (state.clusterId === clusterId) this.cities = state.cities;
    } catch {
      this.cities = {};
    }
  }

  lastOf(cityId: string): LastPublished | undefined {
    return this.cities[cityId];
  }

  remember({ city, value }: CityObservation): void {
    const real =
      value.source === 'nws'
        ? { eventId: value.event_id, observedAtMs: value.observed_at as number }
        : this.cities[city.id]?.real;
    this.cities[city.id] = {
      source: value.source === 'nws' ? 'nws' : 'sample',
      ...(real === undefined ? {} : { real }),
    };
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.new`, JSON.stringify({ clusterId: this.clusterId, cities: this.cities }));
    renameSync(`${this.file}.new`, this.file);
  }
}
