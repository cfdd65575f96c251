import type { IncomingRecord } from '@isobar/kafka';
import type { EntityManager } from 'typeorm';
import type { Database } from '../../database/database.js';
import { Keeping, type Change } from '../keeping/alert-store.js';
import type { ConsumedOffsets } from '../keeping/consumed-offsets.js';
import { concernedRules, isToWrite, keepLimits, watchedLimits, type WatchedLimit } from '../keeping/state-store.js';
import { watermarkOf, type WatchedRule } from '../keeping/watched-rule.js';
import { advance } from '../life/advance.js';
import type { Sample, Transition } from '../life/types.js';
import { followLimit } from '../limits/limit-life.js';
import { readSignal } from './signal.js';
import { takeOnce } from './take-once.js';

/** A clock may be ahead by so much; a value from later is none, since nothing could be decided by it. */
const aheadMaxMs = 60_000;
/** So many rules are in memory at a time, however many a limit has. */
const rulesAtOnce = 1_000;

/** Takes batches of signals: what becomes of the rules, and how far was read, in one transaction. */
export class TakeSignals {
  constructor(
    private readonly database: Database,
    private readonly offsets: ConsumedOffsets,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param records of one partition, in order; those that were taken before are skipped
   * @returns how many were new
   * @throws RetryLaterError while the database is away or cannot do its work, or another member has the partition; BadRecordError for one that
   *   is no signal
   */
  take(records: readonly IncomingRecord[]): Promise<number> {
    return takeOnce(this.database, this.offsets, records, (manager, fresh) => this.apply(manager, fresh));
  }

  private async apply(manager: EntityManager, records: readonly IncomingRecord[]): Promise<void> {
    const nowMs = this.now();
    const signals = records
      .flatMap((record) => readSignal(record, nowMs) ?? [])
      .filter(({ sample }) => sample.atMs <= nowMs + aheadMaxMs);
    const byLimit = Map.groupBy(signals, ({ limitId }) => limitId);
    const limits = await watchedLimits(manager, [...byLimit.keys()]);
    const samplesOf = ({ id }: Pick<WatchedLimit, 'id'>): readonly Sample[] =>
      (byLimit.get(id) ?? []).map(({ sample }) => sample);
    const heard = [...limits.values()].map((limit) => ({
      limit,
      ...followLimit(limit.rule, limit.state, samplesOf(limit)),
    }));
    const values = new Map(heard.map(({ limit, concerns }) => [limit.id, concerns]));
    const keeping = new Keeping(manager, nowMs);
    let afterId: string | undefined = '0';
    while (afterId !== undefined) {
      const { rules, nextAfterId } = await concernedRules(manager, values, afterId, rulesAtOnce);
      const changes = rules.map((before) => ({
        before,
        change: follow(before, samplesOf({ id: before.limitId ?? 0 })),
      }));
      const written = changes.filter(({ before, change }) => isToWrite(before, change.watched));
      await keeping.write(written.map(({ change }) => change));
      afterId = nextAfterId;
    }
    await keeping.tell();
    await keepLimits(
      manager,
      heard.map(({ limit, after }) => ({ ...limit, state: after })),
    );
  }
}

/** A rule after samples, in their order. What was out of date when the rule was made is nothing to begin with. */
function follow(before: WatchedRule, samples: readonly Sample[]): Change {
  let watched = before;
  const transitions: Transition[] = [];
  const fromMs = watched.sinceMs - watched.rule.staleAfterMs;
  for (const sample of samples) {
    if (watched.state.last === null && sample.atMs < fromMs) continue;
    const watermarkMs = watermarkOf(watched, sample.atMs);
    const advanced = advance(watched.rule, watched.state, { kind: 'sample', sample, watermarkMs });
    watched = { ...watched, state: advanced.state };
    transitions.push(...advanced.transitions);
  }
  return { watched, transitions };
}
