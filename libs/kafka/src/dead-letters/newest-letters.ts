import type { IncomingRecord } from '../consumer/incoming-record.js';
import type { StoredDeadLetter } from './dead-letter-box.js';
import { fromDeadLetterRecord, headerText, replayedHeader } from './dead-letter.js';

/** The newest dead letters, as many as fit: so many of them, and so many bytes of keys, values and stacks. */
export class NewestLetters {
  private readonly letters = new Map<string, StoredDeadLetter>();
  private bytes = 0;
  private hasLeftOut = false;

  constructor(
    private readonly lettersMax: number,
    private readonly bytesMax: number,
  ) {}

  /** Whether the topic holds letters that are older than these. */
  get hasOlder(): boolean {
    return this.hasLeftOut;
  }

  /** Oldest first. */
  all(): readonly StoredDeadLetter[] {
    return [...this.letters.values()];
  }

  get(id: string): StoredDeadLetter | undefined {
    return this.letters.get(id);
  }

  /** Takes a record of the topic: a letter, or the marker that one was replayed. */
  take(record: IncomingRecord): void {
    const replayedId = headerText(record.headers, replayedHeader);
    if (replayedId !== undefined) {
      this.markReplayed(replayedId);
      return;
    }
    const letter = fromDeadLetterRecord(record);
    if (letter === undefined || this.letters.has(letter.id)) return;
    this.letters.set(letter.id, { ...letter, isReplayed: false });
    this.bytes += bytesOf(letter);
    for (const [id, oldest] of this.letters) {
      if (this.letters.size <= this.lettersMax && this.bytes <= this.bytesMax) break;
      this.letters.delete(id);
      this.bytes -= bytesOf(oldest);
      this.hasLeftOut = true;
    }
  }

  /** One that is not here stands further back in the topic, where its marker is found when somebody asks. */
  markReplayed(id: string): void {
    const letter = this.letters.get(id);
    if (letter !== undefined) this.letters.set(id, { ...letter, isReplayed: true });
  }

  clear(): void {
    this.letters.clear();
    this.bytes = 0;
    this.hasLeftOut = false;
  }
}

const letterBytes = 1_000;

const bytesOf = ({ key, value, stack }: Pick<StoredDeadLetter, 'key' | 'value' | 'stack'>): number =>
  letterBytes + (key?.length ?? 0) + (value?.length ?? 0) + stack.length;
