import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { CacheFiles } from '../cache-files.js';

/**
 * What was published of each key, kept over restarts, so that a restart repeats no record. It belongs to one Kafka cluster:
 * another one has none of these records.
 */
export class PublishedState<Entry> {
  private readonly entries = new Map<string, Entry>();
  private clusterId = '';

  constructor(
    private readonly file: string,
    private readonly entrySchema: z.ZodType<Entry>,
    private readonly files = new CacheFiles(),
  ) {}

  /**
   * Takes over what is on disk if it belongs to this cluster. A file or an entry that cannot be read costs a repeated record, no
   * more, and takes no other entry with it.
   */
  load(clusterId: string): void {
    this.clusterId = clusterId;
    this.entries.clear();
    const stateSchema = z.object({ clusterId: z.literal(clusterId), entries: z.record(z.string(), z.unknown()) });
    let state: z.output<typeof stateSchema>;
    try {
      state = stateSchema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
    } catch {
      return;
    }
    for (const [key, value] of Object.entries(state.entries)) {
      const entry = this.entrySchema.safeParse(value);
      if (entry.success) this.entries.set(key, entry.data);
    }
  }

  get(key: string): Entry | undefined {
    return this.entries.get(key);
  }

  all(): readonly (readonly [string, Entry])[] {
    return [...this.entries];
  }

  set(key: string, entry: Entry): void {
    this.entries.set(key, entry);
    this.save();
  }

  delete(key: string): void {
    if (this.entries.delete(key)) this.save();
  }

  private save(): void {
    this.files.write(
      this.file,
      JSON.stringify({ clusterId: this.clusterId, entries: Object.fromEntries(this.entries) }),
    );
  }
}
