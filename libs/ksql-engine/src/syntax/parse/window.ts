import type { TimeUnit } from '../ast/expression.js';
import type { Duration, WindowClause, WithinClause } from '../ast/statement.js';
import { isIdentifier } from '../token.js';
import type { Cursor } from './cursor.js';

const unitNames: Readonly<Record<string, TimeUnit>> = {
  DAY: 'DAYS',
  DAYS: 'DAYS',
  HOUR: 'HOURS',
  HOURS: 'HOURS',
  MINUTE: 'MINUTES',
  MINUTES: 'MINUTES',
  SECOND: 'SECONDS',
  SECONDS: 'SECONDS',
  MILLISECOND: 'MILLISECONDS',
  MILLISECONDS: 'MILLISECONDS',
};
export const UNIT_MS: Readonly<Record<TimeUnit, number>> = {
  DAYS: 86_400_000,
  HOURS: 3_600_000,
  MINUTES: 60_000,
  SECONDS: 1000,
  MILLISECONDS: 1,
};
export const toMs = ({ amount, unit }: Duration): number => amount * UNIT_MS[unit];

/** `[-] integer unit`; a length of time below zero is refused by whoever uses it. */
export function parseDuration(cursor: Cursor): Duration {
  const minus = cursor.token.word === '-' && cursor.peek(1).kind === 'integer' && cursor.accept('-');
  const { token } = cursor;
  if (token.kind !== 'integer') cursor.fail('INTEGER_VALUE');
  cursor.next();
  const unit = unitNames[cursor.token.word];
  if (unit === undefined) cursor.fail('unit');
  cursor.next();
  // Adding zero makes a plain zero of a negative one.
  const amount = Number(token.text) * (minus ? -1 : 1) + 0;
  if (!Number.isSafeInteger(amount * UNIT_MS[unit])) {
    cursor.reportPrepare(`Time span is too long: ${token.text} ${unit}`);
    return { amount: 0, unit };
  }
  return { amount, unit };
}

/** `[GRACE PERIOD duration]` after its first word was seen to follow. */
function parseGrace(cursor: Cursor): Duration {
  cursor.require('GRACE');
  cursor.require('PERIOD');
  const grace = parseDuration(cursor);
  if (grace.amount < 0) cursor.reportPrepare('Grace period must not be negative.');
  return grace;
}

/** `WITHIN duration [GRACE PERIOD duration] | WITHIN ( before , after ) [GRACE PERIOD duration]` */
export function parseWithin(cursor: Cursor): WithinClause | undefined {
  cursor.sync();
  if (!cursor.accept('WITHIN')) return undefined;
  let before: Duration;
  let after: Duration;
  if (cursor.accept('(')) {
    before = parseDuration(cursor);
    cursor.require(',');
    after = parseDuration(cursor);
    cursor.require(')');
  } else {
    before = after = parseDuration(cursor);
  }
  cursor.sync();
  const grace = cursor.at('GRACE') ? parseGrace(cursor) : undefined;
  const graceMs = grace === undefined ? undefined : toMs(grace);
  return { beforeMs: toMs(before), afterMs: toMs(after), graceMs, before, after, grace };
}

const windowWords: ReadonlySet<string> = new Set(['TUMBLING', 'HOPPING', 'SESSION']);

/**
 * WINDOW [name] with one of (the name means nothing)
 *         TUMBLING ( SIZE duration options )
 *      |  HOPPING  ( SIZE duration , ADVANCE BY duration options )
 *      |  SESSION  ( duration options )
 * options: [, RETENTION duration] [, GRACE PERIOD duration]
 */
export function parseWindow(cursor: Cursor): WindowClause {
  const { location } = cursor;
  cursor.sync();
  if (isIdentifier(cursor.token) && windowWords.has(cursor.peek(1).word)) cursor.next();
  const kind = (['TUMBLING', 'HOPPING', 'SESSION'] as const).find((word) => cursor.accept(word)) ?? cursor.fail();
  cursor.require('(');
  if (kind !== 'SESSION') cursor.require('SIZE');
  const size = parseDuration(cursor);
  let advance: Duration | undefined;
  if (kind === 'HOPPING') {
    cursor.require(',');
    cursor.require('ADVANCE');
    cursor.require('BY');
    advance = parseDuration(cursor);
  }
  let retention: Duration | undefined;
  let grace: Duration | undefined;
  cursor.sync();
  if (cursor.token.word === ',' && cursor.peek(1).word === 'RETENTION') {
    cursor.next();
    cursor.next();
    retention = parseDuration(cursor);
    cursor.sync();
  }
  if (cursor.accept(',')) grace = parseGrace(cursor);
  cursor.require(')');
  return {
    kind,
    sizeMs: toMs(size),
    advanceMs: advance && toMs(advance),
    retentionMs: retention && toMs(retention),
    graceMs: grace && toMs(grace),
    size,
    advance,
    retention,
    grace,
    location,
  };
}
