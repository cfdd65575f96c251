import { severityRank } from '../life/rule.js';
import type { Severity } from '../life/types.js';
import { dateAfter, instantOf, isZone, localDateOf, localTimeOf, type WallTime } from './zoned-time.js';

/** Local times in which only what breaks through is told; over midnight when `to` is not after `from`. */
export interface QuietHours {
  readonly from: WallTime;
  readonly to: WallTime;
  /** Of the IANA time zone database. */
  readonly zone: string;
}

/** How a person wants to be told, and how much. */
export interface PersonPolicy {
  readonly personId: string;
  /** Of the IANA time zone database. */
  readonly zone: string;
  /** Over midnight when `to` is not after `from`. */
  readonly quiet: { readonly from: WallTime; readonly to: WallTime } | null;
  /** What is at least as severe does not wait for the end of the quiet hours; null: everything waits. */
  readonly breakThrough: Severity | null;
  /** By rule the quiet hours that it has beside those of the person. */
  readonly ruleQuiet?: Readonly<Record<string, QuietHours>>;
  /** When the digest comes where there are no quiet hours; with them it comes at their end. */
  readonly digestAt: WallTime;
  /** Interrupting notices in ten minutes, and on a date; what saves lives is not counted. */
  readonly perTenMinutes: number;
  readonly perDay: number;
}

export const tenMinutesMs = 10 * 60_000;
/** More than these a person does not want to be interrupted by. */
export const defaultBudget = { perTenMinutes: 1, perDay: 6 } as const;

/** What is wrong with a policy, in words: field, value and what is allowed. */
export function checkPolicy(policy: PersonPolicy): readonly string[] {
  const problems: string[] = [];
  if (!isZone(policy.zone)) problems.push(`zone is ${policy.zone}: it must be one such as America/New_York`);
  const times = { digestAt: policy.digestAt, 'quiet.from': policy.quiet?.from, 'quiet.to': policy.quiet?.to };
  for (const [field, time] of Object.entries(times))
    if (time !== undefined && !/^([01]\d|2[0-3]):[0-5]\d$/.test(time))
      problems.push(`${field} is ${time}: it must be from 00:00 to 23:59`);
  if (policy.quiet !== null && policy.quiet.from === policy.quiet.to)
    problems.push(`quiet.to is ${policy.quiet.to}: it must not be the time at which the quiet hours begin`);
  for (const field of ['perTenMinutes', 'perDay'] as const)
    if (!Number.isInteger(policy[field]) || policy[field] < 1 || policy[field] > 100)
      problems.push(`${field} is ${policy[field]}: it must be a whole number from 1 to 100`);
  return problems;
}

/** The end of the quiet hours that hold at that time for a rule, epoch milliseconds; null: none hold. */
export function quietUntil(policy: PersonPolicy, atMs: number, ruleId?: string): number | null {
  const { quiet, zone, ruleQuiet } = policy;
  const own = ruleId === undefined ? undefined : ruleQuiet?.[ruleId];
  const spans = [...(quiet === null ? [] : [{ ...quiet, zone }]), ...(own === undefined ? [] : [own])];
  let untilMs = atMs;
  // The quiet hours of one may begin before those of the other are over; after a day of it something is told all the same.
  for (let look = 0; look <= spans.length; look += 1) {
    const nextMs = Math.max(...spans.map((span) => endOf(span, untilMs) ?? untilMs));
    if (nextMs <= untilMs) break;
    untilMs = nextMs;
  }
  return untilMs > atMs ? untilMs : null;
}

/** When quiet hours are over that hold at that time; null: they do not hold. */
function endOf({ from, to, zone }: QuietHours, atMs: number): number | null {
  const today = localDateOf(atMs, zone);
  const isOverMidnight = to <= from;
  for (const date of [dateAfter(today, -1), today]) {
    const fromMs = instantOf(date, from, zone);
    const toMs = instantOf(isOverMidnight ? dateAfter(date, 1) : date, to, zone);
    if (fromMs <= atMs && atMs < toMs) return toMs;
  }
  return null;
}

const digestTimeOf = ({ quiet, digestAt }: PersonPolicy): WallTime => quiet?.to ?? digestAt;

/** The next digest after that time, epoch milliseconds. */
export function nextDigest(policy: PersonPolicy, atMs: number): number {
  const today = localDateOf(atMs, policy.zone);
  for (let days = 0; days < 3; days++) {
    const digestMs = instantOf(dateAfter(today, days), digestTimeOf(policy), policy.zone);
    if (digestMs > atMs) return digestMs;
  }
  // No zone skips two dates.
  return atMs + 24 * 3_600_000;
}

/** One digest for a date and a time of the day, even where that time comes twice or not at all. */
export const digestKeyOf = ({ personId, zone }: PersonPolicy, digestMs: number): string =>
  `${personId}/${localDateOf(digestMs, zone)}/${localTimeOf(digestMs, zone)}`;

export const breaksThrough = ({ breakThrough }: PersonPolicy, severity: Severity): boolean =>
  breakThrough !== null && severityRank(severity) >= severityRank(breakThrough);
