import type { RuleEnd, Severity, Transition } from '../life/types.js';

/** With the channel, which the service adds, unique for ever. */
export interface NoticeKey {
  readonly episodeId: string;
  readonly kind: NoticeKind;
  readonly ordinal: number;
}

export type NoticeKind =
  | 'raised'
  | 'escalated'
  | 'cleared'
  | 'no-data'
  | 'ended'
  | 'reminder'
  | 'still-active'
  | 'ended-meanwhile'
  | 'late-finding'
  /** Of an official event: more severe, or more certain. */
  | 'changed'
  /** Began and ended before it was told: one line. */
  | 'was';

/** What a notice says of an episode. */
export interface NoticeLine {
  readonly key: NoticeKey;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly placeId: string;
  readonly severity: Severity;
  /** It saves lives: no quiet hours and no budget hold it. */
  readonly lifeSafety: boolean;
  /** Event times of its beginning and, where it is over, its end. */
  readonly startMs: number;
  readonly endMs: number | null;
  readonly atMs: number;
  readonly value: number | null;
  readonly peakValue: number | null;
  /** Of official events: what it is, and its severity in the weather service's words. */
  readonly subject?: string;
  readonly officialSeverity?: string;
  /** Why it ended; of official events: cancelled, expired, upgraded, no-longer-listed. */
  readonly reason: string | null;
}

/** What befalls an episode, for one person. */
export type NoticeEvent =
  | {
      readonly kind: NoticeKind | 'data-back' | 'acknowledged';
      readonly line: NoticeLine;
      /** It is told to nobody: the person or the place has it held. */
      readonly isHeldBack: boolean;
      readonly notBeforeMs: number | null;
    }
  /** That version of a rule and those before it tell nothing any more. */
  | { readonly kind: 'rule-ended'; readonly ruleId: string; readonly version: number };

/** How loud a notice is: INTERRUPT may make a sound, PASSIVE lies there, DIGEST collects. */
export type Delivery = 'INTERRUPT' | 'PASSIVE' | 'DIGEST';

export interface Notice {
  readonly personId: string;
  readonly delivery: Delivery;
  /** Person, date and time of the digest; null unless it is one. */
  readonly digestKey: string | null;
  /** Several when many rules fire: the most severe first. */
  readonly lines: readonly NoticeLine[];
  /** Lines that were too many to keep. */
  readonly more: number;
}

/** What became of a line: each has exactly one, in the end. */
export interface Outcome {
  readonly key: NoticeKey;
  readonly outcome: 'sent' | 'folded' | 'withdrawn';
  readonly because: string;
}

const ruleEnds: ReadonlySet<string> = new Set<RuleEnd>(['rule-changed', 'rule-disabled', 'person-gone']);

/** The events of a transition: none for what is history only. */
export function eventsOf(transition: Transition): readonly NoticeEvent[] {
  const { kind, episodeId, ruleId, ruleVersion, ordinal, reason } = transition;
  if (reason !== null && ruleEnds.has(reason)) return [{ kind: 'rule-ended', ruleId, version: ruleVersion }];
  if (kind === 'updated') return [];
  const { placeId, severity, startMs, atMs, value, peakValue } = transition;
  const isOver = kind === 'cleared' || kind === 'ended' || kind === 'ended-meanwhile' || kind === 'late-finding';
  // What carries no notice has a key all the same, which nobody sees.
  const key: NoticeKey = {
    episodeId,
    kind: kind === 'data-back' || kind === 'acknowledged' ? 'raised' : kind,
    ordinal,
  };
  const line: NoticeLine = {
    key,
    ruleId,
    ruleVersion,
    placeId,
    severity,
    lifeSafety: false,
    startMs,
    endMs: isOver ? atMs : null,
    atMs,
    value,
    peakValue,
    reason,
  };
  return [{ kind, line, isHeldBack: transition.quietBecause !== null, notBeforeMs: transition.noticeNotBeforeMs }];
}
