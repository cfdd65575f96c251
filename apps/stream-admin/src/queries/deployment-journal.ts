import { z } from 'zod';

/** What was deployed under a name, so that a later start can tell a changed file from an unchanged one. */
export const journalEntrySchema = z.object({
  name: z.string(),
  file: z.string(),
  kind: z.enum(['STREAM', 'TABLE']),
  textHash: z.string(),
  sql: z.string(),
  action: z.enum(['created', 'redeployed']),
  deployedAt: z.iso.datetime(),
  /** The statement as the engine spells what it made of it: what runs later is compared with this. */
  runs: z.string().optional(),
});
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** Remembers deployments beyond the life of this process; the newest entry of a name counts. */
export abstract class DeploymentJournal {
  // What writes throws JournalUnwritableError when Kafka takes nothing.
  abstract read(): Promise<ReadonlyMap<string, JournalEntry>>;
  abstract write(entries: readonly JournalEntry[]): Promise<void>;
  /** Says beforehand what is going to be made, in case this process ends in the middle. */
  abstract begin(entries: readonly JournalEntry[]): Promise<void>;
  /** It was made or refused, and if made, written. */
  abstract end(names: readonly string[]): Promise<void>;
  /** What was begun and not ended, as of the last `read`. */
  abstract readonly unfinished: ReadonlyMap<string, JournalEntry>;
}
