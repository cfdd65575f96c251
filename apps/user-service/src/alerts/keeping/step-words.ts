import { metrics } from '../../rules/rule-fields.js';
import type { Transition } from '../life/types.js';
import { withUnit } from '../with-unit.js';
import type { FrozenRule } from './watched-rule.js';

/** To the second, and in a zone that it names: whoever shows it to people of a city has the instant beside it. */
const instant = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

const duration = (ms: number): string => (ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 1_000)} s`);

/** A step of an alert and what led to it, in words. */
export function sentenceOfStep(rule: FrozenRule, { kind, value, peakValue, reason, startMs }: Transition): string {
  const { words } = metrics[rule.metric];
  const limit = withUnit(rule, rule.threshold);
  const [side, back] = rule.comparison === 'ABOVE' ? ['above', 'below'] : ['below', 'above'];
  const edge = rule.comparison === 'ABOVE' ? rule.threshold - rule.deadband : rule.threshold + rule.deadband;
  switch (kind) {
    case 'raised':
      return `The ${words} went ${side} ${limit} at ${instant(startMs)}${rule.onDelayMs > 0 ? ` and stayed there for ${duration(rule.onDelayMs)}` : ''}; it was ${withUnit(rule, value)} then.`;
    case 'escalated':
      return `It got worse: the ${words} was ${withUnit(rule, value)}.`;
    case 'updated':
      return `The severity changed: the ${words} was ${withUnit(rule, value)}.`;
    case 'cleared':
      return `The ${words} ${rule.offDelayMs > 0 ? `stayed ${back} ${withUnit(rule, edge)} for ${duration(rule.offDelayMs)}` : `went ${back} ${withUnit(rule, edge)}`}; at its worst it had been ${withUnit(rule, peakValue)}.`;
    case 'no-data':
      return `No value came for ${duration(rule.staleAfterMs)}, so nothing is known since then.`;
    case 'data-back':
      return `Values came again: ${withUnit(rule, value)}.`;
    case 'ended':
      return reason === 'no-data'
        ? `There was no data for ${duration(rule.maxUnknownMs)}: the alert was closed, and nothing is known of how it went on.`
        : `The alert was closed because of its rule (${reason ?? 'it is gone'}), not because of the weather.`;
    case 'acknowledged':
      return 'You said that you know.';
    case 'reminder':
      return 'A reminder: nobody had said that they know.';
    case 'still-active':
      return `A snooze was over and the alert was not: the ${words} was ${withUnit(rule, value)}.`;
    case 'ended-meanwhile':
      return 'It ended during the snooze.';
    case 'late-finding':
      return `Values that came late tell that the ${words} had been ${side} ${limit}; at its worst it was ${withUnit(rule, peakValue)}.`;
  }
}
