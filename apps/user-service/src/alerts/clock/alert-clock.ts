import type { Database } from '../../database/database.js';
import { isOurTurn } from '../../database/job-locks.js';
import { keep, type Change } from '../keeping/alert-store.js';
import { busyRules, hasBusyRules, isToWrite } from '../keeping/state-store.js';
import { watermarkOf, type WatchedRule } from '../keeping/watched-rule.js';
import { advance } from '../life/advance.js';

const pageSize = 500;

/** What changes by time alone: silence, ends of snoozes and delays, rules that were changed or disabled. */
export class AlertClock {
  constructor(private readonly database: Database) {}

  /**
   * Looks at each rule that is not at rest. Replicas take turns, and a rule that somebody is working on is left to the next look.
   *
   * @param isCaughtUp whether everything that was written was read, since only then silence counts; asked only if a rule is not at rest
   */
  async tick(nowMs: number, isCaughtUp: () => Promise<boolean>): Promise<void> {
    if (!(await this.database.read((manager) => hasBusyRules(manager, nowMs)))) return;
    const caughtUp = await isCaughtUp();
    let afterId: string | undefined = '0';
    while (afterId !== undefined) {
      const from: string = afterId;
      afterId = await this.database.transaction(async (manager) => {
        if (!(await isOurTurn(manager, 'alertClock'))) return undefined;
        const { rules, nextAfterId } = await busyRules(manager, from, pageSize, nowMs);
        const changes = rules.map((before) => ({ before, change: afterTime(before, nowMs, caughtUp) }));
        // Most looks change nothing: each open alert would be written once a second.
        const changed = changes.filter(({ before, change }) => isToWrite(before, change.watched));
        await keep(
          manager,
          changed.map(({ change }) => change),
          nowMs,
        );
        return nextAfterId;
      });
    }
  }
}

function afterTime(watched: WatchedRule, nowMs: number, caughtUp: boolean): Change {
  const { rule, state, limitId } = watched;
  const advanced =
    limitId === null
      ? advance({ ...rule, version: state.ruleVersion }, state, {
          kind: 'rule-ended',
          atMs: nowMs,
          reason: 'rule-disabled',
        })
      : advance(rule, state, { kind: 'tick', nowMs, watermarkMs: watermarkOf(watched), caughtUp });
  return { watched: { ...watched, state: advanced.state }, transitions: advanced.transitions };
}
