/** How much it matters, in ascending order. */
export const severities = ['INFO', 'WARNING', 'CRITICAL'] as const;
export type Severity = (typeof severities)[number];

/** Where a record stands; a redelivered record has another offset and the same event id. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly eventId: string;
}

/** One value of what a rule watches. */
export interface Sample {
  /** Event time, epoch milliseconds. */
  readonly atMs: number;
  /** In the unit of the rule's metric. */
  readonly value: number;
  /** Of several samples for one instant the one of the highest revision counts; left out: 0. */
  readonly revision?: number;
  /** Processing time at which it was read, epoch milliseconds: silence counts from it. */
  readonly heardAtMs: number;
  readonly place: RecordPlace;
}

/** A limit beyond the first one of a rule, and what crossing it means. */
export interface Escalation {
  readonly threshold: number;
  readonly severity: Severity;
}

/**
 * What decides of a rule, frozen: a change is a new version. Thresholds and the deadband are in the unit of the metric, times in
 * milliseconds; `checkRule` says what is in range.
 */
export interface RuleVersion {
  readonly ruleId: string;
  readonly version: number;
  /** ABOVE: over the limit is `value > threshold`, well under it `value < threshold - deadband`; BELOW is its mirror. */
  readonly comparison: 'ABOVE' | 'BELOW';
  readonly threshold: number;
  readonly deadband: number;
  readonly severity: Severity;
  /** Further limits in ascending severity; each as strict as the one before it, or stricter. */
  readonly escalations: readonly Escalation[];
  /** Event time for which the limit must be crossed before an alert is raised, and a higher one before it escalates. */
  readonly onDelayMs: number;
  /** Event time for which it must be well under the limit before the alert is over. */
  readonly offDelayMs: number;
  /** A value speaks for the event time after it for this long, or until the next one. */
  readonly maxGapMs: number;
  /** Processing time of silence after which nothing is known any more. */
  readonly staleAfterMs: number;
  /** Processing time for which an alert without data stays open. */
  readonly maxUnknownMs: number;
  /** Event time after an end in which the notice of a new beginning waits, unless it is more severe. */
  readonly coolDownMs: number;
  /** Event time by which samples may come out of order: the source's allowed lateness. */
  readonly latenessMs: number;
  /** Processing time between reminders of what nobody acknowledged. */
  readonly remindEveryMs: number;
  /** 0: no reminders. */
  readonly maxReminders: number;
}

export type Phase = 'NORMAL' | 'PENDING' | 'ACTIVE' | 'RECOVERING' | 'COOLING' | 'UNKNOWN';

/** Samples in a row that say the same of a limit; what is kept of them is what it takes to show that no gap was too long. */
export interface Run {
  readonly sinceMs: number;
  /** The first, the last, and between them the fewest that leave no gap over `maxGapMs`. */
  readonly chain: readonly Sample[];
  /** The most extreme one, the earliest of equals. */
  readonly peak: Sample;
  /** By limit: the last sample of the run that did not cross it; null where all did. */
  readonly under: readonly (Sample | null)[];
}

/** From a raise to its end. */
export interface Episode {
  readonly id: string;
  /** Event time at which the limit was first crossed. */
  readonly startMs: number;
  /** Which of the rule's limits is crossed: 0 is its threshold, 1 the first escalation, and so on. */
  readonly level: number;
  readonly peakLevel: number;
  readonly peak: Sample;
  readonly reopened: boolean;
  /** How many transitions of this episode there were. */
  readonly transitions: number;
  /** The highest level that was told to the person; -1: nothing was. */
  readonly toldLevel: number;
  /** How often it was nearly over. */
  readonly flaps: number;
  readonly reminders: number;
  /** Processing time of the next reminder; null: none. */
  readonly remindAtMs: number | null;
}

export interface Shelf {
  /** Processing time; a one-shot shelf ends with the episode and at this time at the latest. */
  readonly untilMs: number;
  readonly oneShot: boolean;
  /** The last episodes that ended on it. */
  readonly endedMeanwhile: readonly EpisodeSummary[];
}

export interface EpisodeSummary {
  readonly episodeId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly level: number;
  readonly peak: Sample;
  readonly transitions: number;
}

/** Event time between two instants, the later one null while it lasts. */
export interface Interval {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/**
 * Everything that is remembered of a rule at a place. Plain JSON, bounded in size; made by `newState` and `advance` alone. `phase`
 * follows the condition only; acknowledged, shelved, suppressed and maintenance stand beside it.
 */
export interface AlertState {
  readonly format: 1;
  readonly ruleVersion: number;
  readonly placeId: string;
  readonly phase: Phase;
  /** In UNKNOWN: what it was before, and the processing time since when nothing is known. */
  readonly unknown: { readonly prior: 'ACTIVE' | 'RECOVERING'; readonly sinceMs: number } | null;
  /** The latest event time that something was decided for: what is older comes late. */
  readonly settledMs: number;
  /** The newest sample that was evaluated. */
  readonly last: Sample | null;
  /** Event times of the last samples that were evaluated, ascending: what repeats them is no news. */
  readonly recentMs: readonly number[];
  /** Samples ahead of the watermark, ascending. */
  readonly waiting: readonly Sample[];
  /** By `topic/partition` the highest offset that was taken. */
  readonly offsets: Readonly<Record<string, number>>;
  /** Processing time at which the newest value was read; 0: there was none. */
  readonly heardMs: number;
  /** By limit: since when it is crossed. */
  readonly runs: readonly (Run | null)[];
  /** In RECOVERING: since when it is well under the limit. */
  readonly below: Run | null;
  /** The open episode. */
  readonly episode: Episode | null;
  /** In COOLING: when it ends, and the highest level of the episode before it. */
  readonly cooling: { readonly untilMs: number; readonly level: number } | null;
  /** Event times of the last episodes and late findings. */
  readonly past: readonly Interval[];
  readonly late: readonly Sample[];
  /** The level at which the open episode was acknowledged; null: it was not. */
  readonly ackedLevel: number | null;
  readonly shelf: Shelf | null;
  /** The wider cause under which this is held. */
  readonly suppressedBy: string | null;
  /** Why the place's own rules are held. */
  readonly maintenance: string | null;
  /** Crossings that were shorter than `onDelayMs`. */
  readonly fleeting: number;
  /** Samples that came after their time was decided. */
  readonly lateSamples: number;
  /** Samples that were evaluated before their time because too many waited. */
  readonly hurried: number;
  /** Why this version of the rule is over; nothing comes of it any more. */
  readonly closed: RuleEnd | null;
}

export type RuleEnd = 'rule-changed' | 'rule-disabled' | 'person-gone';

export type Input =
  | {
      readonly kind: 'sample';
      readonly sample: Sample;
      /** Of its source: the highest event time seen, less the allowed lateness (see `Watermark`). */
      readonly watermarkMs: number;
    }
  | {
      readonly kind: 'tick';
      /** Processing time. */
      readonly nowMs: number;
      readonly watermarkMs: number;
      /** Everything that the source wrote until now was read: only then silence means something. */
      readonly caughtUp: boolean;
    }
  /** With the id of an episode it is for that one alone. */
  | { readonly kind: 'ack'; readonly atMs: number; readonly episodeId?: string }
  /** Processing times; `untilMs` null: until the episode is over. Both end after `snoozeMaxMs` at the latest. */
  | { readonly kind: 'snooze'; readonly atMs: number; readonly untilMs: number | null }
  | { readonly kind: 'unsnooze'; readonly atMs: number }
  | { readonly kind: 'maintenance'; readonly atMs: number; readonly reason: string | null }
  | { readonly kind: 'suppress'; readonly atMs: number; readonly cause: string | null }
  | { readonly kind: 'rule-ended'; readonly atMs: number; readonly reason: RuleEnd };

export type TransitionKind =
  | 'raised'
  | 'escalated'
  /** The severity fell, or rose to one that was told before: no notice. */
  | 'updated'
  /** It was well under the limit for `offDelayMs`. */
  | 'cleared'
  | 'no-data'
  | 'data-back'
  /** It is over for another reason than the condition; never "back to normal". */
  | 'ended'
  | 'acknowledged'
  | 'reminder'
  /** A shelf, a maintenance or a wider cause is over and the alert is not. */
  | 'still-active'
  /** It ended while it was snoozed: a line of the digest. */
  | 'ended-meanwhile'
  /** An episode wholly past that late samples tell of: a line of the digest. */
  | 'late-finding';

/** Why a transition is told to nobody now. */
export type QuietReason = 'maintenance' | 'suppressed' | 'shelved';

/** The records that a transition follows from, given the one before it. */
export interface Evidence {
  /** In event time. */
  readonly deciding: readonly Sample[];
  /** The record of the episode's most extreme value so far. */
  readonly peak: Sample | null;
}

export interface Transition {
  readonly kind: TransitionKind;
  readonly episodeId: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly placeId: string;
  /** Counts the transitions of the episode from 1: `(episodeId, ordinal)` names one of them for ever. */
  readonly ordinal: number;
  /** When it was so: event time, or processing time for what follows from a clock or a person. */
  readonly atMs: number;
  /** The phase after it. */
  readonly phase: Phase;
  /** Event time at which the episode began. */
  readonly startMs: number;
  readonly level: number;
  readonly peakLevel: number;
  readonly severity: Severity;
  /** The newest value at that time, and its event time; null where there is none. */
  readonly value: number | null;
  readonly valueAtMs: number | null;
  readonly peakValue: number | null;
  readonly peakAtMs: number | null;
  readonly reopened: boolean;
  /** Of `ended`. */
  readonly reason: RuleEnd | 'no-data' | null;
  /** Of `reminder`: the first is 1. */
  readonly reminder: number | null;
  readonly quietBecause: QuietReason | null;
  /** Event time before which a notice of it waits, since the last one has just ended; null: none. */
  readonly noticeNotBeforeMs: number | null;
  readonly evidence: Evidence;
}

export interface Advanced {
  readonly state: AlertState;
  readonly transitions: readonly Transition[];
}
