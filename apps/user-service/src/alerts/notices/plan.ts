import { severityRank } from '../life/rule.js';
import { breaksThrough, digestKeyOf, nextDigest, quietUntil, tenMinutesMs, type PersonPolicy } from './policy.js';
import type { Delivery, Notice, NoticeEvent, NoticeLine, Outcome } from './notice.js';
import { localDateOf } from './zoned-time.js';

export type WaitReason = 'quiet-hours' | 'budget' | 'cool-down' | 'digest';

export interface HeldLine {
  readonly line: NoticeLine;
  readonly delivery: Delivery;
  /** Processing time at which it is looked at again. */
  readonly untilMs: number;
  readonly because: WaitReason | null;
}

/** What is remembered of the notices of a person. Plain JSON, bounded by what is open and by `heldMax`. */
export interface NoticeState {
  readonly format: 1;
  /** Open episodes that the person was told of. */
  readonly told: readonly string[];
  readonly held: readonly HeldLine[];
  /** Lines that were too many to hold, for the next digest. */
  readonly more: number;
  /** Processing times of the interrupting notices that count, of the last day. */
  readonly interruptedMs: readonly number[];
  /** By place the open episodes without data: one notice for all. */
  readonly outages: Readonly<Record<string, readonly string[]>>;
  /** By rule the last version that is over. */
  readonly endedRules: Readonly<Record<string, number>>;
  readonly lastDigestKey: string | null;
}

export interface Planned {
  readonly state: NoticeState;
  /** To be sent now. */
  readonly notices: readonly Notice[];
  readonly outcomes: readonly Outcome[];
}

/** More lines than these are counted, not held. */
const heldMax = 200;

export const newNoticeState = (): NoticeState => ({
  format: 1,
  told: [],
  held: [],
  more: 0,
  interruptedMs: [],
  outages: {},
  endedRules: {},
  lastDigestKey: null,
});

/**
 * What a person is told now, of what happened and of what waited. Pure; call it with every transition and, without any, from time to
 * time. It looks at notices alone: no state of an alert depends on it.
 *
 * Every line is held first and then released, at once where nothing speaks against it; while it is held, what comes later of its episode
 * is folded into it. So a line that leaves is true when it leaves, and an episode that came and went is one line.
 */
export function plan(policy: PersonPolicy, state: NoticeState, events: readonly NoticeEvent[], nowMs: number): Planned {
  const planner = new Planner(policy, state, nowMs);
  for (const event of events) planner.take(event);
  planner.release();
  return { state: planner.state, notices: planner.notices, outcomes: planner.outcomes };
}

type Draft = { -readonly [Field in keyof NoticeState]: NoticeState[Field] };

class Planner {
  readonly notices: Notice[] = [];
  readonly outcomes: Outcome[] = [];
  readonly #state: Draft;

  constructor(
    private readonly policy: PersonPolicy,
    state: NoticeState,
    private readonly nowMs: number,
  ) {
    this.#state = { ...state };
  }

  get state(): NoticeState {
    return this.#state;
  }

  take(event: NoticeEvent): void {
    if (event.kind === 'rule-ended') return this.#endRule(event.ruleId, event.version);
    const { line, isHeldBack } = event;
    const { episodeId } = line.key;
    if ((this.#state.endedRules[line.ruleId] ?? -1) >= line.ruleVersion) return;
    const isTold = this.#state.told.includes(episodeId);
    switch (event.kind) {
      case 'raised':
        if (!isHeldBack) this.#hold(line, 'INTERRUPT', event.notBeforeMs);
        return;
      case 'escalated':
      case 'changed':
        if (!isHeldBack) this.#worsen(line);
        return;
      case 'still-active':
        if (!isHeldBack && !this.#heldOf(episodeId).some(({ line: { key } }) => key.kind === 'raised'))
          this.#hold(line, 'INTERRUPT');
        return;
      case 'reminder':
        if (isTold && !isHeldBack) this.#hold(line, 'INTERRUPT');
        return;
      case 'no-data':
        this.#loseData(line, isTold && !isHeldBack);
        return;
      case 'data-back':
        this.#endOutage(line.placeId, undefined);
        return;
      case 'acknowledged':
        this.#acknowledge(episodeId);
        return;
      case 'cleared':
      case 'ended':
        this.#endOutage(line.placeId, episodeId);
        this.#end(line, isTold, isHeldBack);
        return;
      case 'ended-meanwhile':
      case 'late-finding':
      case 'was':
        this.#hold(line, 'DIGEST');
        return;
    }
  }

  // What comes is folded into what waits.

  #hold(line: NoticeLine, delivery: Delivery, notBeforeMs: number | null = null): void {
    const wait = this.#waitOf(line, delivery, notBeforeMs);
    this.#state.held = [...this.#state.held, { line, delivery, ...wait }];
    if (this.#state.held.length <= heldMax) return;
    const least = this.#state.held.reduce((a, b) => (weightOf(b) < weightOf(a) ? b : a));
    this.#drop([least], 'folded', 'too many lines');
    this.#state.more++;
  }

  #waitOf(line: NoticeLine, delivery: Delivery, notBeforeMs: number | null): Pick<HeldLine, 'untilMs' | 'because'> {
    if (delivery === 'DIGEST') return { untilMs: nextDigest(this.policy, this.nowMs), because: 'digest' };
    const fromMs = Math.max(this.nowMs, notBeforeMs ?? 0);
    const passes = delivery === 'INTERRUPT' && (line.lifeSafety || breaksThrough(this.policy, line.severity));
    const quietMs = passes ? null : quietUntil(this.policy, fromMs, line.ruleId);
    if (quietMs !== null) return { untilMs: quietMs, because: 'quiet-hours' };
    return { untilMs: fromMs, because: fromMs > this.nowMs ? 'cool-down' : null };
  }

  #worsen(line: NoticeLine): void {
    const [before] = this.#heldOf(line.key.episodeId).filter(({ delivery }) => delivery === 'INTERRUPT');
    if (before === undefined) return this.#hold(line, 'INTERRUPT');
    // Nothing was told yet: the one that waits says it as it is now.
    this.outcomes.push({ key: line.key, outcome: 'folded', because: 'its beginning was not told yet' });
    const worse = { ...line, key: before.line.key, startMs: before.line.startMs };
    this.#state.held = this.#state.held.filter((held) => held !== before);
    this.#hold(worse, 'INTERRUPT');
  }

  #loseData(line: NoticeLine, isTelling: boolean): void {
    const open = this.#state.outages[line.placeId] ?? [];
    this.#state.outages = { ...this.#state.outages, [line.placeId]: [...open, line.key.episodeId] };
    if (isTelling && open.length === 0) this.#hold(line, 'INTERRUPT');
    else if (isTelling)
      this.outcomes.push({ key: line.key, outcome: 'folded', because: 'the outage of the place was told' });
  }

  #endOutage(placeId: string, episodeId: string | undefined): void {
    const open = this.#state.outages[placeId];
    if (open === undefined) return;
    const rest = episodeId === undefined ? [] : open.filter((id) => id !== episodeId);
    const { [placeId]: _, ...others } = this.#state.outages;
    this.#state.outages = rest.length === 0 ? others : { ...others, [placeId]: rest };
    if (rest.length > 0) return;
    const silent = this.#state.held.filter(({ line }) => line.key.kind === 'no-data' && line.placeId === placeId);
    this.#drop(silent, 'withdrawn', 'data came back');
  }

  #acknowledge(episodeId: string): void {
    const held = this.#heldOf(episodeId).filter(({ line }) => line.key.kind !== 'no-data');
    if (held.length === 0) return;
    this.#drop(held, 'withdrawn', 'it was acknowledged');
    this.#tell(episodeId);
  }

  #end(line: NoticeLine, isTold: boolean, isHeldBack: boolean): void {
    const { episodeId } = line.key;
    const held = this.#heldOf(episodeId);
    this.#state.told = this.#state.told.filter((id) => id !== episodeId);
    if (isTold) {
      this.#drop(held, 'folded', 'it is over');
      if (!isHeldBack) this.#hold(line, 'PASSIVE');
      return;
    }
    const beginning = held.find(({ line: { key } }) => key.kind === 'raised' || key.kind === 'still-active');
    this.#drop(held, 'folded', 'it is over');
    // Nobody heard of its beginning: one line for both, and no hurry.
    if (beginning === undefined || isHeldBack) return;
    const { severity, startMs } = beginning.line;
    this.#hold({ ...line, key: { ...line.key, kind: 'was' }, severity, startMs }, 'DIGEST');
  }

  #endRule(ruleId: string, version: number): void {
    const last = Math.max(version, this.#state.endedRules[ruleId] ?? -1);
    this.#state.endedRules = { ...this.#state.endedRules, [ruleId]: last };
    const old = this.#state.held.filter(({ line }) => line.ruleId === ruleId && line.ruleVersion <= last);
    this.#drop(old, 'withdrawn', 'its rule is over');
  }

  #heldOf(episodeId: string): readonly HeldLine[] {
    return this.#state.held.filter(({ line }) => line.key.episodeId === episodeId);
  }

  #drop(lines: readonly HeldLine[], outcome: 'folded' | 'withdrawn', because: string): void {
    if (lines.length === 0) return;
    this.#state.held = this.#state.held.filter((held) => !lines.includes(held));
    for (const { line } of lines) this.outcomes.push({ key: line.key, outcome, because });
  }

  // What waited long enough leaves.

  release(): void {
    const due = this.#state.held.filter(({ untilMs }) => untilMs <= this.nowMs);
    if (due.length === 0) return;
    const digest = due.filter(({ because }) => because === 'quiet-hours' || because === 'digest');
    const others = due.filter((held) => !digest.includes(held));
    if (digest.length > 0) this.#sendDigest(digest);
    this.#sendNow(
      others.filter(({ delivery }) => delivery === 'PASSIVE'),
      'PASSIVE',
    );
    this.#interrupt(others.filter(({ delivery }) => delivery === 'INTERRUPT'));
  }

  #sendDigest(lines: readonly HeldLine[]): void {
    const digestKey = digestKeyOf(this.policy, Math.max(...lines.map(({ untilMs }) => untilMs)));
    if (digestKey === this.#state.lastDigestKey) {
      this.#postpone(lines, { untilMs: nextDigest(this.policy, this.nowMs), because: 'digest' });
      return;
    }
    this.#state.lastDigestKey = digestKey;
    this.#send(lines, { delivery: 'DIGEST', digestKey, more: this.#state.more });
    this.#state.more = 0;
  }

  #interrupt(lines: readonly HeldLine[]): void {
    // The quiet hours may have begun while it waited for something else.
    const quiet = lines.filter(({ line }) => this.#waitOf(line, 'INTERRUPT', null).because === 'quiet-hours');
    for (const held of quiet) this.#postpone([held], this.#waitOf(held.line, 'INTERRUPT', null));
    const now = lines.filter((held) => !quiet.includes(held));
    if (now.length === 0) return;
    const isExempt = now.some(({ line }) => line.lifeSafety);
    const wait = isExempt ? undefined : this.#budgetWait();
    if (wait !== undefined) return this.#postpone(now, wait);
    if (!isExempt) this.#state.interruptedMs = [...this.#recentInterruptions(), this.nowMs];
    this.#sendNow(now, 'INTERRUPT');
  }

  /** How long the budget is spent for; undefined when it is not. */
  #budgetWait(): Pick<HeldLine, 'untilMs' | 'because'> | undefined {
    const { perDay, perTenMinutes, zone } = this.policy;
    const recent = this.#recentInterruptions();
    const today = localDateOf(this.nowMs, zone);
    if (recent.filter((atMs) => localDateOf(atMs, zone) === today).length >= perDay)
      return { untilMs: nextDigest(this.policy, this.nowMs), because: 'digest' };
    const oldest = recent.at(-perTenMinutes);
    if (oldest === undefined || oldest + tenMinutesMs <= this.nowMs) return undefined;
    return { untilMs: oldest + tenMinutesMs, because: 'budget' };
  }

  /** What a clock told that was ahead, and was put right, does not count; replicas may differ by less. */
  #recentInterruptions(): readonly number[] {
    return this.#state.interruptedMs.filter(
      (atMs) => this.nowMs - atMs < 26 * 3_600_000 && atMs - this.nowMs < tenMinutesMs,
    );
  }

  #postpone(lines: readonly HeldLine[], wait: Pick<HeldLine, 'untilMs' | 'because'>): void {
    this.#state.held = this.#state.held.map((held) => (lines.includes(held) ? { ...held, ...wait } : held));
  }

  #sendNow(lines: readonly HeldLine[], delivery: Delivery): void {
    if (lines.length > 0) this.#send(lines, { delivery, digestKey: null, more: 0 });
  }

  #send(held: readonly HeldLine[], notice: Pick<Notice, 'delivery' | 'digestKey' | 'more'>): void {
    this.#state.held = this.#state.held.filter((other) => !held.includes(other));
    const lines = held.map(({ line }) => line).sort((a, b) => weight(b) - weight(a) || a.startMs - b.startMs);
    this.notices.push({ personId: this.policy.personId, ...notice, lines });
    for (const { key } of lines) {
      this.outcomes.push({ key, outcome: 'sent', because: notice.delivery });
      if (key.kind === 'raised' || key.kind === 'escalated' || key.kind === 'still-active' || key.kind === 'changed')
        this.#tell(key.episodeId);
    }
  }

  #tell(episodeId: string): void {
    if (!this.#state.told.includes(episodeId)) this.#state.told = [...this.#state.told, episodeId];
  }
}

const weight = ({ severity, lifeSafety }: NoticeLine): number => severityRank(severity) + (lifeSafety ? 10 : 0);
const weightOf = ({ line }: HeldLine): number => weight(line);
