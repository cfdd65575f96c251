import { epochMs, eventId, isTooFarAhead, weatherAlertV1, type EpochMs, type WeatherAlert } from '@isobar/contracts';
import { z } from 'zod';
import { renewalMs, type CityAlert } from './to-alert-event.js';

/**
 * What is remembered of a warning of a city: the event that was published last and what decides when it is over. Ended ones are
 * remembered too, for as long as old copies of a list may bring them back.
 */
export const heldWarningSchema = weatherAlertV1.schema.extend({
  /** Epoch milliseconds; what was remembered before this was noted has none. */
  expires_at: z.number().nullish(),
  message_ids: z.array(z.string()).optional(),
});
export type HeldWarning = z.output<typeof heldWarningSchema>;

/** How a warning that is listed no longer is given up, where it never said when it ends. */
const unlisted = { afterExpiryMs: 6 * 3_600_000, lists: 3, durationMs: 10 * 60_000 } as const;
const rememberedMs = 7 * 86_400_000;
const messageIdsMax = 50;

export interface Absence {
  readonly lists: number;
  readonly sinceMs: number;
}

/** Whether a message changes what is known of its warning. An old copy, or one that came late, does not. */
export function isNews({ value }: CityAlert, before: HeldWarning, nowMs: number, aheadMaxMs: number): boolean {
  // What was taken over from the future, by a clock that ran ahead, must not outlive every message of today.
  if (isTooFarAhead(before.issued_at, nowMs, aheadMaxMs)) return true;
  if (value.issued_at !== before.issued_at) return value.issued_at > before.issued_at;
  const isSame = value.alert_id === before.alert_id;
  if (before.status !== 'active') return value.status === 'active';
  return isSame ? value.status !== 'active' : value.status === 'active' && value.alert_id > before.alert_id;
}

/** Which of two messages of one list about the same warning speaks: the newer one; sent together, the one that warns. */
export function speaks({ value: a }: CityAlert, { value: b }: CityAlert): boolean {
  if (a.issued_at !== b.issued_at) return a.issued_at > b.issued_at;
  if (a.status !== b.status && (a.status === 'active' || b.status === 'active')) return a.status === 'active';
  return a.alert_id > b.alert_id;
}

/**
 * The end of a warning that a complete list does not have. One list that misses it ends nothing: the service's answers flicker. It
 * has expired when its own end has passed without a renewal; one that never said when it ends is given up when its text has been out
 * of date for six hours and three lists over ten minutes went without it.
 */
export function endByAbsence(
  held: HeldWarning,
  absence: Absence,
  nowMs: number,
): 'expired' | 'no-longer-listed' | undefined {
  if (held.ends_at !== null) return nowMs > held.ends_at + renewalMs ? 'expired' : undefined;
  const isOutOfDate = nowMs > (held.expires_at ?? held.issued_at) + unlisted.afterExpiryMs;
  const isGone = absence.lists >= unlisted.lists && nowMs - absence.sinceMs >= unlisted.durationMs;
  return isOutOfDate && isGone ? 'no-longer-listed' : undefined;
}

export const remembered = (alert: CityAlert, before: HeldWarning | undefined): HeldWarning => ({
  ...alert.value,
  expires_at: alert.expiresAtMs,
  message_ids: [...new Set([...(before?.message_ids ?? []), ...alert.messageIds])].slice(-messageIdsMax),
});

/** The event that ends a warning without a message that says so. */
export function ended(key: string, held: HeldWarning, status: string, nowMs: number): HeldWarning {
  const fetchedAt: EpochMs = epochMs(nowMs);
  const id = eventId('weather-alert', key, held.alert_id, held.issued_at, status);
  return { ...held, status, event_id: id, fetched_at: fetchedAt };
}

export const eventOf = ({ expires_at: _expiresAt, message_ids: _messageIds, ...event }: HeldWarning): WeatherAlert =>
  event;

export const isForgotten = (held: HeldWarning, nowMs: number): boolean =>
  held.status !== 'active' && nowMs - held.fetched_at > rememberedMs;
