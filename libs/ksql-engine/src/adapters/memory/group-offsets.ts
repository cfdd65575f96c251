import type { CommittedOffset } from '../../ports/broker.js';
import type { Occurrences } from './occurrences.js';
import type { Outcome } from './partition-log.js';

interface Stored {
  readonly committed: CommittedOffset;
  readonly committedMs: number;
}

interface Group {
  /** By topic and partition. */
  readonly stored: Map<string, Stored>;
  /** Of undecided transactions, by producer. */
  readonly pending: Map<number, CommittedOffset[]>;
}

/** Offsets of groups without members: set by transactions, visible after their commit, lost when nobody renews them. */
export class GroupOffsets {
  readonly #groups = new Map<string, Group>();

  constructor(
    private readonly retentionMs: number,
    private readonly occurrences: Occurrences,
  ) {}

  addPending(groupId: string, producerId: number, offsets: readonly CommittedOffset[]): void {
    const { pending } = this.#group(groupId);
    pending.set(producerId, [...(pending.get(producerId) ?? []), ...offsets]);
  }

  decide(groupId: string, producerId: number, outcome: Exclude<Outcome, 'open'>, nowMs: number): void {
    const { pending, stored } = this.#group(groupId);
    for (const committed of outcome === 'committed' ? (pending.get(producerId) ?? []) : []) {
      stored.set(placeOf(committed), { committed, committedMs: nowMs });
    }
    pending.delete(producerId);
  }

  /** Whether nothing of these topics is undecided. */
  isStable(groupId: string, topics: readonly string[]): boolean {
    const pending = this.#groups.get(groupId)?.pending.values() ?? [];
    return [...pending].flat().every(({ topic }) => !topics.includes(topic));
  }

  committed(groupId: string, topics: readonly string[], nowMs: number): readonly CommittedOffset[] {
    const stored = this.#groups.get(groupId)?.stored ?? new Map<string, Stored>();
    for (const [place, { committedMs }] of stored) {
      if (nowMs - committedMs <= this.retentionMs) continue;
      stored.delete(place);
      this.occurrences.add('offsetExpired');
    }
    const found = [...stored.values()].map(({ committed }) => committed);
    return topics.flatMap((topic) =>
      found.filter((offset) => offset.topic === topic).sort((a, b) => a.partition - b.partition),
    );
  }

  deleteGroup(groupId: string): void {
    this.#groups.delete(groupId);
  }

  deleteTopic(topic: string): void {
    for (const { stored } of this.#groups.values()) {
      for (const [place, { committed }] of stored) if (committed.topic === topic) stored.delete(place);
    }
  }

  #group(groupId: string): Group {
    const group = this.#groups.get(groupId) ?? { stored: new Map(), pending: new Map() };
    this.#groups.set(groupId, group);
    return group;
  }
}

const placeOf = ({ topic, partition }: CommittedOffset): string => `${topic}/${partition}`;
