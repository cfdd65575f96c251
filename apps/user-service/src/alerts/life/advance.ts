import { episodeIdOf } from './ids.js';
import { lateRun, pastMax, withLate } from './late.js';
import { isOver, isWellUnder, moreExtreme, severityOf, severityRank, snoozeMaxMs } from './rule.js';
import { dueOf, evidenceOf, extendRun, startRun } from './run.js';
import { stateOfNextVersion } from './state.js';
import type {
  Advanced,
  AlertState,
  Episode,
  EpisodeSummary,
  Evidence,
  Input,
  QuietReason,
  RecordPlace,
  RuleEnd,
  RuleVersion,
  Run,
  Sample,
  Shelf,
  Transition,
  TransitionKind,
} from './types.js';

/** A clock may speak for a source once a record could have come all the way from it. */
const pathMs = 10_000;
/** More samples than this do not wait for their watermark. */
const waitingMax = 256;
const recentMax = 16;
const partitionsMax = 8;

/**
 * One step of an alert's life: what a rule at a place becomes by an input, and what there is to tell of it. Pure and total: no clock,
 * no database; the same inputs give the same result, and nothing in range throws.
 *
 * The samples are a signal over event time: each speaks until the next one, and for `maxGapMs` at most. What a delay decides is decided
 * for the instant at which the delay ends, whoever brings the news (a sample, another key of the source, a clock), and before the
 * samples after that instant are looked at. So neither the order inside the lateness nor the number of ticks changes an episode.
 */
export function advance(rule: RuleVersion, state: AlertState, input: Input): Advanced {
  if (state.ruleVersion > rule.version) return { state, transitions: [] };
  if (state.ruleVersion < rule.version) {
    const before = new Life({ ...rule, version: state.ruleVersion }, state);
    before.endRule('rule-changed', atOf(input));
    const next = advance(rule, stateOfNextVersion(rule, before.state), input);
    return { state: next.state, transitions: [...before.transitions, ...next.transitions] };
  }
  if (state.closed !== null) return { state, transitions: [] };
  const life = new Life(rule, state);
  life.take(input);
  return { state: life.state, transitions: life.transitions };
}

function atOf(input: Input): number {
  if (input.kind === 'sample') return input.sample.heardAtMs;
  return input.kind === 'tick' ? input.nowMs : input.atMs;
}

type Draft = { -readonly [Field in keyof AlertState]: AlertState[Field] };

/** A state while it is advanced. */
class Life {
  readonly transitions: Transition[] = [];
  readonly #state: Draft;

  constructor(
    private readonly rule: RuleVersion,
    state: AlertState,
  ) {
    this.#state = { ...state };
  }

  get state(): AlertState {
    return this.#state;
  }

  take(input: Input): void {
    const { kind } = input;
    if (kind === 'sample') this.#takeSample(input.sample, input.watermarkMs);
    else if (kind === 'tick') this.#tick(input);
    else if (kind === 'ack') this.#acknowledge(input);
    else if (kind === 'snooze') this.#snooze(input);
    else if (kind === 'unsnooze') this.#state.shelf = null;
    else if (kind === 'maintenance') this.#hold('maintenance', input.reason, input.atMs);
    else if (kind === 'suppress') this.#hold('suppressedBy', input.cause, input.atMs);
    else this.endRule(input.reason, input.atMs);
  }

  // Samples: into their order, then to what they mean.

  #takeSample(sample: Sample, watermarkMs: number): void {
    if (!Number.isFinite(sample.value) || !Number.isFinite(sample.atMs) || !this.#isNewRecord(sample.place)) return;
    const state = this.#state;
    this.#endShelfAt(sample.heardAtMs);
    if (sample.atMs === state.last?.atMs) this.#correct(sample);
    else if (sample.atMs < state.settledMs) this.#takeLate(sample);
    else if (state.waiting.length === 0 && sample.atMs <= watermarkMs) this.#evaluate(sample);
    else state.waiting = inOrder(state.waiting, sample);
    this.#moveTo(watermarkMs);
  }

  /** Is it one that was not read before? A partition is read in order, so a lower offset is a replay. */
  #isNewRecord({ topic, partition, offset }: RecordPlace): boolean {
    const { offsets } = this.#state;
    const source = `${topic}/${partition}`;
    const read = offsets[source];
    if (read !== undefined && offset <= read) return false;
    const others = read === undefined ? Object.entries(offsets).slice(1 - partitionsMax) : undefined;
    this.#state.offsets = { ...(others === undefined ? offsets : Object.fromEntries(others)), [source]: offset };
    return true;
  }

  /** A second sample for the newest instant: the newest revision is what was so. */
  #correct(sample: Sample): void {
    const { last } = this.#state;
    if (last !== null && isNewer(sample, last)) this.#evaluate(sample);
  }

  #takeLate(sample: Sample): void {
    const state = this.#state;
    if (state.recentMs.includes(sample.atMs)) return;
    const late = withLate(state.late, sample);
    if (late === undefined) return;
    state.late = late;
    state.lateSamples++;
    const known = state.episode === null ? state.past : [...state.past, { fromMs: state.episode.startMs, toMs: null }];
    const samples = lateRun(this.rule, late, known);
    const [first, ...others] = samples ?? [];
    if (first === undefined) return;
    const { sinceMs, chain, peak } = others.reduce(
      (run, next) => extendRun(this.rule, run, next),
      startRun(this.rule, first),
    );
    const latest = chain.at(-1) ?? first;
    this.#remember(sinceMs, latest.atMs);
    const id = episodeIdOf(this.rule, state.placeId, sinceMs, 'late');
    const about = { id, ordinal: 1, startMs: sinceMs, level: 0, peakLevel: 0, peak, reopened: false };
    this.#emit('late-finding', latest.atMs, about, { deciding: chain, peak }, { latest });
  }

  #moveTo(watermarkMs: number): void {
    const state = this.#state;
    for (;;) {
      const next = state.waiting[0];
      if (next === undefined || (next.atMs > watermarkMs && state.waiting.length <= waitingMax)) break;
      if (next.atMs > watermarkMs) state.hurried++;
      state.waiting = state.waiting.slice(1);
      this.#evaluate(next);
    }
    this.#decide(watermarkMs, false);
  }

  #evaluate(sample: Sample): void {
    this.#decide(sample.atMs, false);
    this.#read(sample);
    // A sample decides for its own instant, too; a watermark does not, since there may be a sample for it.
    this.#decide(sample.atMs, true);
  }

  #read(sample: Sample): void {
    const state = this.#state;
    const { rule } = this;
    const gap = state.last !== null && sample.atMs - state.last.atMs > rule.maxGapMs;
    if (state.unknown !== null) this.#resume(sample);
    const wasPending = state.runs[0] !== null && state.episode === null;
    const told = state.episode?.level ?? -1;
    // Most values cross nothing and change nothing here.
    if (state.runs.some((run) => run !== null) || isOver(rule, told + 1, sample.value))
      state.runs = state.runs.map((run, level) => {
        // A limit that the open episode stands for needs no showing.
        if (level <= told || !isOver(rule, level, sample.value)) return null;
        return run === null || gap ? startRun(rule, sample) : extendRun(rule, run, sample);
      });
    const repeats = state.last?.atMs === sample.atMs;
    state.last = sample;
    // Of the newest value alone: what is said again, since somebody's limits changed, and what comes late show nothing of the source.
    state.heardMs = sample.heardAtMs;
    state.settledMs = sample.atMs;
    if (!repeats) state.recentMs = [...state.recentMs.slice(1 - recentMax), sample.atMs];
    if (wasPending && state.runs[0] === null) state.fleeting++;
    if (state.episode !== null) this.#readOpen(state.episode, sample, gap);
    else if (state.phase !== 'COOLING') state.phase = state.runs[0] === null ? 'NORMAL' : 'PENDING';
  }

  #readOpen(before: Episode, sample: Sample, gap: boolean): void {
    const state = this.#state;
    const isCorrected = before.peak.atMs === sample.atMs;
    const peak = isCorrected ? sample : moreExtreme(this.rule, before.peak, sample);
    const episode = peak === before.peak ? before : { ...before, peak };
    state.episode = episode;
    if (isWellUnder(this.rule, 0, sample.value)) {
      state.below =
        state.below === null || gap ? startRun(this.rule, sample) : extendRun(this.rule, state.below, sample);
      state.phase = 'RECOVERING';
    } else if (state.phase === 'RECOVERING') {
      state.below = null;
      state.phase = 'ACTIVE';
      state.episode = { ...episode, flaps: episode.flaps + 1 };
    }
    this.#readLevel(sample);
  }

  /** The severity falls at once when a value is well under what it stands for; it rises after its delay. */
  #readLevel(sample: Sample): void {
    const { episode, phase } = this.#state;
    if (episode === null || phase !== 'ACTIVE') return;
    let level = episode.level;
    while (level > 0 && isWellUnder(this.rule, level, sample.value)) level--;
    if (level === episode.level) return;
    this.#state.episode = { ...episode, level };
    this.#tell('updated', sample.atMs, { deciding: [sample], peak: episode.peak });
  }

  // Delays: what is decided for the instant at which they end.

  /** Decides in order what was due before `untilMs`, or at it. */
  #decide(untilMs: number, inclusive: boolean): void {
    for (;;) {
      const next = this.#nextDue();
      if (next === undefined || next.atMs > untilMs || (next.atMs === untilMs && !inclusive)) return;
      this.#state.settledMs = Math.max(this.#state.settledMs, next.atMs);
      next.run();
    }
  }

  #nextDue(): { readonly atMs: number; readonly run: () => void } | undefined {
    const state = this.#state;
    const { episode, cooling, below } = state;
    if (state.phase === 'UNKNOWN') return undefined;
    if (episode === null) {
      const over = state.runs[0];
      const raiseMs = over ? dueOf(this.rule, over, this.rule.onDelayMs) : undefined;
      if (cooling !== null && (raiseMs === undefined || cooling.untilMs <= raiseMs))
        return { atMs: cooling.untilMs, run: () => this.#endCooling() };
      return over && raiseMs !== undefined ? { atMs: raiseMs, run: () => this.#raise(over, raiseMs) } : undefined;
    }
    if (below !== null) {
      const clearMs = dueOf(this.rule, below, this.rule.offDelayMs);
      return clearMs === undefined ? undefined : { atMs: clearMs, run: () => this.#clear(below, clearMs) };
    }
    const riseMs = this.#dueAbove(episode.level);
    return riseMs === undefined ? undefined : { atMs: riseMs, run: () => this.#rise(episode, riseMs) };
  }

  #dueAbove(level: number): number | undefined {
    let dueMs: number | undefined;
    for (const run of this.#state.runs.slice(level + 1)) {
      const due = run === null ? undefined : dueOf(this.rule, run, this.rule.onDelayMs);
      if (due !== undefined && (dueMs === undefined || due < dueMs)) dueMs = due;
    }
    return dueMs;
  }

  /** The highest level whose limit was crossed for its delay at that time. */
  #levelAt(atMs: number): number {
    return this.#state.runs.findLastIndex((run) => run !== null && run.sinceMs + this.rule.onDelayMs <= atMs);
  }

  #endCooling(): void {
    this.#state.cooling = null;
    this.#state.phase = this.#state.runs[0] ? 'PENDING' : 'NORMAL';
  }

  #raise(over: Run, atMs: number): void {
    const state = this.#state;
    const level = this.#levelAt(atMs);
    const { cooling } = state;
    const quiet = this.#quietBecause();
    state.ackedLevel = null;
    state.phase = 'ACTIVE';
    state.cooling = null;
    state.episode = {
      id: episodeIdOf(this.rule, state.placeId, over.sinceMs, 'on-time'),
      startMs: over.sinceMs,
      level,
      peakLevel: level,
      peak: over.peak,
      reopened: cooling !== null,
      transitions: 0,
      toldLevel: quiet === null ? level : -1,
      flaps: 0,
      reminders: 0,
      remindAtMs: this.rule.maxReminders > 0 ? state.heardMs + this.rule.remindEveryMs : null,
    };
    const isWorse =
      cooling !== null &&
      severityRank(severityOf(this.rule, level)) > severityRank(severityOf(this.rule, cooling.level));
    this.#tell('raised', atMs, evidenceOf(this.rule, over, level, over.peak), {
      noticeNotBeforeMs: cooling === null || isWorse ? null : cooling.untilMs,
    });
  }

  #rise(episode: Episode, atMs: number): void {
    const state = this.#state;
    const level = this.#levelAt(atMs);
    const run = state.runs[level];
    if (!run) return;
    const isEscalation = level > episode.peakLevel;
    if (isEscalation) {
      state.ackedLevel = null;
      if (state.shelf?.oneShot) state.shelf = null;
    }
    const told = isEscalation && this.#quietBecause() === null;
    state.episode = {
      ...episode,
      level,
      peakLevel: Math.max(level, episode.peakLevel),
      toldLevel: told ? level : episode.toldLevel,
    };
    const evidence = evidenceOf(this.rule, run, level, episode.peak);
    this.#tell(isEscalation ? 'escalated' : 'updated', atMs, evidence);
  }

  #clear(below: Run, atMs: number): void {
    const state = this.#state;
    const { episode } = state;
    if (episode === null) return;
    state.phase = 'COOLING';
    this.#end('cleared', atMs, { deciding: below.chain, peak: episode.peak });
    state.cooling = { untilMs: atMs + this.rule.coolDownMs, level: episode.peakLevel };
  }

  // Silence, clocks and people.

  #tick({ nowMs, watermarkMs, caughtUp }: Extract<Input, { kind: 'tick' }>): void {
    this.#endShelfAt(nowMs);
    // Without records the time of a stream stands still; a clock may go on in its place only when there are none to read.
    const untilMs = caughtUp ? Math.max(watermarkMs, nowMs - this.rule.latenessMs - pathMs) : watermarkMs;
    this.#moveTo(untilMs);
    if (caughtUp) this.#noticeSilence(nowMs);
    this.#remind(nowMs);
  }

  #noticeSilence(nowMs: number): void {
    const state = this.#state;
    const { staleAfterMs } = this.rule;
    if (state.heardMs === 0 || state.waiting.some(({ heardAtMs }) => heardAtMs + staleAfterMs >= nowMs)) return;
    const staleMs = state.heardMs + staleAfterMs;
    if (nowMs > staleMs && state.unknown === null) {
      const { episode, phase } = state;
      if (episode !== null) {
        state.unknown = { prior: phase === 'RECOVERING' ? 'RECOVERING' : 'ACTIVE', sinceMs: staleMs };
        state.phase = 'UNKNOWN';
        this.#tell('no-data', staleMs, this.#newest());
      } else if (state.runs[0]) {
        state.runs = state.runs.map(() => null);
        if (phase === 'PENDING') state.phase = 'NORMAL';
      }
    }
    if (state.unknown === null || nowMs <= state.unknown.sinceMs + this.rule.maxUnknownMs) return;
    const endMs = state.unknown.sinceMs + this.rule.maxUnknownMs;
    state.phase = 'NORMAL';
    this.#end('ended', endMs, this.#peakOnly(), 'no-data');
  }

  /** It speaks again: what was before goes on, and a recovery begins anew. */
  #resume(sample: Sample): void {
    const state = this.#state;
    state.phase = 'ACTIVE';
    state.below = null;
    state.unknown = null;
    this.#tell('data-back', sample.atMs, { deciding: [sample], peak: state.episode?.peak ?? null }, {}, sample);
  }

  #remind(nowMs: number): void {
    const state = this.#state;
    const { episode } = state;
    if (episode?.remindAtMs === null || episode === null || nowMs < episode.remindAtMs) return;
    if (state.ackedLevel !== null || this.#quietBecause() !== null) return;
    const reminders = episode.reminders + 1;
    const isLast = reminders >= this.rule.maxReminders;
    // After a pause of ours one reminder is enough.
    state.episode = { ...episode, reminders, remindAtMs: isLast ? null : nowMs + this.rule.remindEveryMs };
    this.#tell('reminder', nowMs, this.#newest(), { reminder: reminders });
  }

  #acknowledge({ atMs, episodeId }: Extract<Input, { kind: 'ack' }>): void {
    const { episode } = this.#state;
    if (episode === null || (episodeId !== undefined && episodeId !== episode.id)) return;
    if (this.#state.ackedLevel !== null) return;
    this.#state.ackedLevel = episode.level;
    this.#tell('acknowledged', atMs, this.#newest());
  }

  #snooze({ atMs, untilMs }: Extract<Input, { kind: 'snooze' }>): void {
    const latestMs = atMs + snoozeMaxMs;
    this.#state.shelf = {
      untilMs: untilMs === null ? latestMs : Math.min(Math.max(untilMs, atMs), latestMs),
      oneShot: untilMs === null,
      endedMeanwhile: [],
    };
  }

  #endShelfAt(nowMs: number): void {
    const { shelf } = this.#state;
    if (shelf === null || nowMs < shelf.untilMs) return;
    this.#endShelf(shelf);
    const { episode } = this.#state;
    if (episode !== null) this.#tellStillActive(shelf.untilMs, episode);
  }

  #endShelf({ endedMeanwhile }: Shelf): void {
    this.#state.shelf = null;
    if (this.#quietBecause() !== null) return;
    for (const { episodeId: id, endMs, level, peak, startMs, transitions } of endedMeanwhile) {
      const about = { id, ordinal: transitions + 1, startMs, level, peakLevel: level, peak, reopened: false };
      this.#emit('ended-meanwhile', endMs, about, { deciding: [], peak });
    }
  }

  #hold(cause: 'maintenance' | 'suppressedBy', reason: string | null, atMs: number): void {
    const state = this.#state;
    const wasHeld = state[cause] !== null;
    state[cause] = reason;
    const { episode } = state;
    if (!wasHeld || reason !== null || episode === null || this.#quietBecause() !== null) return;
    if (episode.toldLevel < episode.level) this.#tellStillActive(atMs, episode);
  }

  #tellStillActive(atMs: number, episode: Episode): void {
    if (this.#quietBecause() === null) this.#state.episode = { ...episode, toldLevel: episode.level };
    this.#tell('still-active', atMs, this.#newest());
  }

  /** Ends the rule's version, and with it what is open: for that reason, which is no news of the weather. */
  endRule(reason: RuleEnd, atMs: number): void {
    const state = this.#state;
    if (state.episode !== null) this.#end('ended', atMs, this.#peakOnly(), reason);
    state.phase = 'NORMAL';
    state.runs = state.runs.map(() => null);
    state.cooling = null;
    state.waiting = [];
    state.shelf = null;
    state.closed = reason;
  }

  // Endings and telling.

  #end(kind: 'cleared' | 'ended', atMs: number, evidence: Evidence, reason: Transition['reason'] = null): void {
    const state = this.#state;
    const { episode, shelf } = state;
    if (episode === null) return;
    // What is over for another reason has no newest value to show.
    this.#tell(kind, atMs, evidence, { reason }, kind === 'cleared' ? state.last : null);
    const ended: EpisodeSummary = {
      episodeId: episode.id,
      startMs: episode.startMs,
      endMs: atMs,
      level: episode.peakLevel,
      peak: episode.peak,
      transitions: episode.transitions + 1,
    };
    this.#remember(episode.startMs, atMs);
    state.episode = null;
    state.below = null;
    state.unknown = null;
    state.ackedLevel = null;
    state.runs = state.runs.map(() => null);
    if (shelf === null) return;
    state.shelf = { ...shelf, endedMeanwhile: [...shelf.endedMeanwhile.slice(1 - pastMax), ended] };
    if (shelf.oneShot) this.#endShelf(state.shelf);
  }

  #remember(fromMs: number, toMs: number): void {
    this.#state.past = [...this.#state.past.slice(1 - pastMax), { fromMs, toMs }];
  }

  #quietBecause(): QuietReason | null {
    const { maintenance, suppressedBy, shelf } = this.#state;
    if (maintenance !== null) return 'maintenance';
    if (suppressedBy !== null) return 'suppressed';
    return shelf === null ? null : 'shelved';
  }

  #peakOnly(): Evidence {
    return { deciding: [], peak: this.#state.episode?.peak ?? null };
  }

  #newest(): Evidence {
    const { last, episode } = this.#state;
    return { deciding: last === null ? [] : [last], peak: episode?.peak ?? null };
  }

  /** Tells of the open episode. */
  #tell(
    kind: TransitionKind,
    atMs: number,
    evidence: Evidence,
    more: Partial<Transition> = {},
    latest: Sample | null = this.#state.last,
  ): void {
    const before = this.#state.episode;
    if (before === null) return;
    const episode = { ...before, transitions: before.transitions + 1 };
    this.#state.episode = episode;
    this.#emit(kind, atMs, { ...episode, ordinal: episode.transitions }, evidence, { latest, more });
  }

  #emit(
    kind: TransitionKind,
    atMs: number,
    about: Pick<Episode, 'id' | 'startMs' | 'level' | 'peakLevel' | 'peak' | 'reopened'> & { readonly ordinal: number },
    evidence: Evidence,
    { latest = null, more = {} }: { readonly latest?: Sample | null; readonly more?: Partial<Transition> } = {},
  ): void {
    const { rule } = this;
    this.transitions.push({
      kind,
      episodeId: about.id,
      ruleId: rule.ruleId,
      ruleVersion: rule.version,
      placeId: this.#state.placeId,
      ordinal: about.ordinal,
      atMs,
      phase: this.#state.phase,
      startMs: about.startMs,
      level: about.level,
      peakLevel: about.peakLevel,
      severity: severityOf(rule, about.level),
      value: latest?.value ?? null,
      valueAtMs: latest?.atMs ?? null,
      peakValue: about.peak.value,
      peakAtMs: about.peak.atMs,
      reopened: about.reopened,
      reason: null,
      reminder: null,
      quietBecause: this.#quietBecause(),
      noticeNotBeforeMs: null,
      evidence,
      ...more,
    });
  }
}

/** Newer revision first; of equal ones one of them, whatever their order. */
function isNewer(a: Sample, b: Sample): boolean {
  const [revisionA, revisionB] = [a.revision ?? 0, b.revision ?? 0];
  return revisionA === revisionB ? a.place.eventId > b.place.eventId : revisionA > revisionB;
}

function inOrder(waiting: readonly Sample[], sample: Sample): readonly Sample[] {
  const same = waiting.findIndex(({ atMs }) => atMs === sample.atMs);
  const other = waiting[same];
  if (other !== undefined) return isNewer(sample, other) ? waiting.with(same, sample) : waiting;
  const after = waiting.findIndex(({ atMs }) => atMs > sample.atMs);
  return after === -1 ? [...waiting, sample] : waiting.toSpliced(after, 0, sample);
}
