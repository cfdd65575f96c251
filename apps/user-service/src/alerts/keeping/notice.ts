import { metrics } from '../../rules/rule-fields.js';
import type { Severity, Transition, TransitionKind } from '../life/types.js';
import type { FrozenRule } from './watched-rule.js';

export interface Notice {
  /** Unique, and the same whoever makes it. */
  readonly key: string;
  readonly kind: string;
  readonly severity: Severity;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly body: string;
  readonly isEnd: boolean;
  /** Only for who was told that it began. */
  readonly isFollowUp: boolean;
}

/** What a transition says to the person; kinds without words are not told. */
const words: Partial<Record<TransitionKind, (told: Told) => string>> = {
  raised: ({ name, subject, value, limit }) => `${name}: ${subject} is ${value}, ${limit}.`,
  escalated: ({ name, subject, value, limit }) => `${name} got worse: ${subject} is ${value}, ${limit}.`,
  reminder: ({ name, subject, value, limit }) => `${name} still holds: ${subject} is ${value}, ${limit}.`,
  'still-active': ({ name, subject, value, limit }) => `${name} still holds: ${subject} is ${value}, ${limit}.`,
  cleared: ({ name, subject, value, peak }) => `${name} is over: ${subject} is ${value}; at its worst it was ${peak}.`,
  'no-data': ({ name, subject }) => `${name}: no data. Nothing tells of the ${subject} now; the alert stays open.`,
  'late-finding': ({ name, subject, peak }) =>
    `${name}: late values tell that the ${subject} had crossed the limit; at its worst it was ${peak}.`,
};

interface Told {
  readonly name: string;
  readonly subject: string;
  readonly value: string;
  readonly peak: string;
  readonly limit: string;
}

const begins: ReadonlySet<TransitionKind> = new Set(['raised', 'late-finding']);

/** @returns undefined when the person is not told of it */
export function noticeOf(rule: FrozenRule, transition: Transition): Notice | undefined {
  const { kind, episodeId, ordinal, severity, atMs, quietBecause } = transition;
  const say = words[kind];
  const body =
    say?.(toldOf(rule, transition)) ??
    (kind === 'ended' && transition.reason === 'no-data'
      ? `${rule.name} was closed: there has been no data for a day. Nothing is known of how it is now.`
      : undefined);
  if (body === undefined || quietBecause !== null) return undefined;
  const key = `${episodeId}/${kind}/${ordinal}/INBOX`;
  return {
    key,
    kind,
    severity,
    atMs,
    body,
    isEnd: kind === 'cleared' || kind === 'ended',
    isFollowUp: !begins.has(kind),
  };
}

/** A number with the unit of the rule's metric. */
export function withUnit({ metric }: Pick<FrozenRule, 'metric'>, value: number | null): string {
  if (value === null) return 'unknown';
  const { unit } = metrics[metric];
  return unit === '°F' ? `${Math.round(value * 10) / 10} °F` : `${Math.round(value)}`;
}

function toldOf(rule: FrozenRule, { value, peakValue }: Transition): Told {
  const side = rule.comparison === 'ABOVE' ? 'above' : 'below';
  return {
    name: rule.name,
    subject: metrics[rule.metric].words,
    value: withUnit(rule, value),
    peak: withUnit(rule, peakValue),
    limit: `${side} your limit of ${withUnit(rule, rule.threshold)}`,
  };
}
