import type { EntityManager } from 'typeorm';
import type { Transition } from '../life/types.js';
import { eventsOf, type NoticeEvent } from '../notices/notice.js';
import { tell } from '../telling/tell.js';
import { keepEpisodes } from './episode-store.js';
import { tellNews } from './news.js';
import { keepStates } from './state-store.js';
import type { WatchedRule } from './watched-rule.js';

/** What a rule went through in one piece of work. */
export interface Change {
  readonly watched: WatchedRule;
  readonly transitions: readonly Transition[];
}

/** Writes what became of rules, and tells people of it. For work that comes in pieces see `Keeping`. */
export async function keep(manager: EntityManager, changes: readonly Change[], nowMs: number): Promise<void> {
  const keeping = new Keeping(manager, nowMs);
  await keeping.write(changes);
  await keeping.tell();
}

/** Writes what became of rules piece by piece, and tells people of all of it at once: each of them is locked once, and hears it together. */
export class Keeping {
  private readonly news = new Map<string, NoticeEvent[]>();

  constructor(
    private readonly manager: EntityManager,
    private readonly nowMs: number,
  ) {}

  /** States, episodes and transitions. */
  async write(changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    await keepStates(
      this.manager,
      changes.map(({ watched }) => watched),
    );
    await keepEpisodes(this.manager, changes);
    for (const { watched, transitions } of changes)
      if (transitions.length > 0) this.of(watched.userId).push(...transitions.flatMap(eventsOf));
  }

  async tell(): Promise<void> {
    if (this.news.size === 0) return;
    await tell(this.manager, this.news, this.nowMs);
    await tellNews(this.manager, [...this.news.keys()]);
  }

  private of(userId: string): NoticeEvent[] {
    const events = this.news.get(userId) ?? [];
    this.news.set(userId, events);
    return events;
  }
}
