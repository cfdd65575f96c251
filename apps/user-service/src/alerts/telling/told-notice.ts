import { eventId } from '@isobar/contracts';
import { metrics } from '../../rules/rule-fields.js';
import type { FrozenRule } from '../keeping/watched-rule.js';
import type { Notice, NoticeLine } from '../notices/notice.js';
import type { PersonPolicy } from '../notices/policy.js';
import { wordsOf, type Wording } from '../notices/words.js';
import { withUnit } from '../with-unit.js';

/** A line as the person reads it. */
export interface ToldLine {
  /** Unique in the inbox, and the same whoever makes it. */
  readonly key: string;
  /** null for what is about no alert of a rule. */
  readonly alertId: string | null;
  readonly line: NoticeLine;
  /** Of the rule; null for what is about none. */
  readonly ruleName: string | null;
  /** Of its values; null where there are none. */
  readonly unit: string | null;
  readonly body: string;
}

/** What one person is told at one time. */
export interface ToldNotice extends Pick<Notice, 'delivery' | 'more'> {
  /** Follows from what it tells. */
  readonly id: string;
  readonly userId: string;
  /** Processing time, epoch milliseconds. */
  readonly toldAtMs: number;
  readonly lines: readonly ToldLine[];
}

/** @param rule of the alert, as it was; undefined for a line that is about none */
export function toToldLine(
  line: NoticeLine,
  rule: FrozenRule | undefined,
  { personId, zone }: Pick<PersonPolicy, 'personId' | 'zone'>,
): ToldLine {
  const { episodeId, kind, ordinal } = line.key;
  return {
    // An official event is the same for many people, an alert is one person's.
    key: `${episodeId}/${kind}/${ordinal}/${rule === undefined ? `${personId}/` : ''}INBOX`,
    alertId: rule === undefined ? null : episodeId,
    line,
    ruleName: rule?.name ?? null,
    unit: rule === undefined ? null : metrics[rule.metric].unit,
    body: wordsOf(line, rule === undefined ? officialWording(line, zone) : wordingOf(rule, zone)),
  };
}

export const noticeIdOf = (userId: string, lines: readonly ToldLine[]): string =>
  eventId('notice', userId, ...lines.map(({ key }) => key));

const wordingOf = (rule: FrozenRule, zone: string): Wording => ({
  what: `${rule.name}: the ${metrics[rule.metric].words}`,
  limit: `${rule.comparison === 'ABOVE' ? 'above' : 'below'} ${withUnit(rule, rule.threshold)}`,
  value: (value) => withUnit(rule, value),
  time: clockIn(zone),
});

const officialWording = ({ subject }: NoticeLine, zone: string): Wording => ({
  what: subject ?? 'An official warning for your area',
  limit: 'in force',
  value: String,
  time: clockIn(zone),
});

/** Such as `Tue 14:05 CDT`. */
function clockIn(timeZone: string): (atMs: number) => string {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' },
  });
  return (atMs) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    return `${parts['weekday']} ${parts['hour']}:${parts['minute']} ${parts['timeZoneName']}`;
  };
}
