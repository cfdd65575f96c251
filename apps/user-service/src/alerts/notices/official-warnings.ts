import { createHash } from 'node:crypto';
import type { WeatherAlert } from '@isobar/contracts';
import { severityRank } from '../life/rule.js';
import type { Severity } from '../life/types.js';
import type { NoticeEvent, NoticeKind, NoticeLine } from './notice.js';

/** An official warning for a city as the topic `weather-alerts` has it, its key beside it. */
export type WarningRow = { readonly key: string } & Pick<
  WeatherAlert,
  | 'city_key'
  | 'status'
  | 'event'
  | 'severity'
  | 'certainty'
  | 'urgency'
  | 'starts_at'
  | 'ends_at'
  | 'issued_at'
  | 'fetched_at'
>;

/** What is known of one event in one city. */
interface CityPart {
  readonly isActive: boolean;
  readonly issuedAtMs: number;
  readonly fetchedAtMs: number;
}

/** An official event as one person meets it, in all of that person's cities. */
interface OfficialEvent {
  readonly episodeId: string;
  readonly parts: Readonly<Record<string, CityPart>>;
  readonly isOpen: boolean;
  readonly severity: Severity;
  /** Of the last message that was told, and of those before it the highest. */
  readonly certainty: number;
  readonly startMs: number;
  readonly lines: number;
}

/** By event (its code, or its first message), for one person. Plain JSON; what ended is forgotten after a week. */
export interface OfficialState {
  readonly format: 1;
  readonly events: Readonly<Record<string, OfficialEvent>>;
}

export const newOfficialState = (): OfficialState => ({ format: 1, events: {} });

const forgottenAfterMs = 8 * 24 * 3_600_000;
/** The least certain first; what nobody knows is below all of them. */
const certainties = ['Unlikely', 'Possible', 'Likely', 'Observed'];
const certaintyOf = ({ certainty }: WarningRow): number => certainties.indexOf(certainty);

const severityOf: Readonly<Record<string, Severity>> = {
  Extreme: 'CRITICAL',
  Severe: 'CRITICAL',
  Moderate: 'WARNING',
  Minor: 'INFO',
};

/**
 * Official warnings, one notice for an event and a person however many cities, zones and messages it has. It is told when it first
 * reaches the person, when it gets more severe or more certain, and when it is over in all of the person's cities
 * by a word of the office (cancelled, expired, upgraded) or of the poller (no longer listed): a row that does not come ends nothing.
 * Rows are for cities of the person alone. A row that is older than what is known of its city, and a repeated one, are no news.
 *
 * @param nowMs processing time, epoch milliseconds
 */
export function takeWarning(
  state: OfficialState,
  row: WarningRow,
  nowMs: number,
): { readonly state: OfficialState; readonly events: readonly NoticeEvent[] } {
  const id = row.key.slice(row.city_key.length + 1);
  const known = state.events[id];
  const part = known?.parts[row.city_key];
  if (part !== undefined && !isNews(row, part)) return { state, events: [] };
  const isActive = row.status === 'active';
  // What is past when it first comes was never ahead of this person.
  const isPast = isActive && row.ends_at !== null && row.ends_at < nowMs;
  const parts = {
    ...known?.parts,
    [row.city_key]: { isActive: isActive && !isPast, issuedAtMs: row.issued_at, fetchedAtMs: row.fetched_at },
  };
  const { event, kind } = next(id, row, parts, known);
  const told = kind === undefined ? event : { ...event, lines: event.lines + 1 };
  return {
    state: { ...state, events: { ...remembered(state.events, nowMs), [id]: told } },
    events: kind === undefined ? [] : [noticeOf(id, told, kind, row)],
  };
}

/** The person has no place in that city any more: what was for it alone ends without a word. */
export function leaveCity(
  state: OfficialState,
  cityKey: string,
): { readonly state: OfficialState; readonly events: readonly NoticeEvent[] } {
  const events: NoticeEvent[] = [];
  const rest = Object.entries(state.events).flatMap(([id, event]): [string, OfficialEvent][] => {
    const { [cityKey]: left, ...parts } = event.parts;
    if (left === undefined) return [[id, event]];
    const isOpen = event.isOpen && Object.values(parts).some(({ isActive }) => isActive);
    if (event.isOpen && !isOpen) events.push({ kind: 'rule-ended', ruleId: ruleIdOf(event), version: 1 });
    return Object.keys(parts).length === 0 ? [] : [[id, { ...event, parts, isOpen }]];
  });
  return { state: { ...state, events: Object.fromEntries(rest) }, events };
}

const isNews = (row: WarningRow, { issuedAtMs, fetchedAtMs }: CityPart): boolean =>
  row.issued_at > issuedAtMs || (row.issued_at === issuedAtMs && row.fetched_at > fetchedAtMs);

function next(
  id: string,
  row: WarningRow,
  parts: OfficialEvent['parts'],
  known: OfficialEvent | undefined,
): { readonly event: OfficialEvent; readonly kind?: NoticeKind } {
  const severity = severityOf[row.severity] ?? 'INFO';
  const isAnywhere = Object.values(parts).some(({ isActive }) => isActive);
  if (known === undefined || !known.isOpen) {
    const began: OfficialEvent = {
      // Offices count anew each year: the number of an event that is over is another event.
      episodeId: createHash('sha256')
        .update(JSON.stringify(['official', id, row.issued_at]))
        .digest('hex')
        .slice(0, 32),
      parts,
      isOpen: isAnywhere,
      severity,
      certainty: certaintyOf(row),
      startMs: row.starts_at ?? row.issued_at,
      lines: 0,
    };
    if (isAnywhere) return { event: began, kind: 'raised' };
    return { event: known === undefined ? began : { ...known, parts } };
  }
  if (!isAnywhere) {
    const kind = row.status === 'upgraded' ? 'ended' : 'cleared';
    return { event: { ...known, parts, isOpen: false }, kind };
  }
  if (row.status !== 'active') return { event: { ...known, parts } };
  const isWorse = severityRank(severity) > severityRank(known.severity);
  const certainty = certaintyOf(row);
  if (!isWorse && certainty <= known.certainty) return { event: { ...known, parts } };
  const changed = {
    severity: isWorse ? severity : known.severity,
    certainty: Math.max(certainty, known.certainty),
  };
  return { event: { ...known, parts, ...changed }, kind: 'changed' };
}

const remembered = (events: OfficialState['events'], nowMs: number): OfficialState['events'] => {
  const kept = Object.entries(events).filter(
    ([, { isOpen, parts }]) =>
      isOpen || Object.values(parts).some(({ fetchedAtMs }) => nowMs - fetchedAtMs < forgottenAfterMs),
  );
  return kept.length === Object.keys(events).length ? events : Object.fromEntries(kept);
};

const ruleIdOf = ({ episodeId }: OfficialEvent): string => `official/${episodeId}`;

function noticeOf(id: string, event: OfficialEvent, kind: NoticeKind, row: WarningRow): NoticeEvent {
  const isOver = kind === 'cleared' || kind === 'ended';
  const line: NoticeLine = {
    key: { episodeId: event.episodeId, kind, ordinal: event.lines },
    ruleId: ruleIdOf(event),
    ruleVersion: 1,
    subject: `${row.event} (official warning)`,
    officialSeverity: row.severity,
    // The event is its own place: an outage of a city's sensors is none of it.
    placeId: id,
    severity: event.severity,
    lifeSafety: row.severity === 'Extreme' || (row.severity === 'Severe' && row.urgency === 'Immediate'),
    startMs: event.startMs,
    endMs: isOver ? (row.status === 'expired' && row.ends_at !== null ? row.ends_at : row.fetched_at) : null,
    atMs: row.issued_at,
    value: null,
    peakValue: null,
    reason: isOver ? (row.status === 'active' ? 'expired' : row.status) : null,
  };
  return { kind, line, isHeldBack: false, notBeforeMs: null };
}
