import type { ToldLine, ToldNotice } from '../alerts/telling/told-notice.js';

/** More lines are counted: a message stays under what receivers take. */
const linesMax = 40;

/** A line of a notice, as a receiver has it. Instants are ISO 8601. */
export interface MessageLine {
  readonly alertId: string | null;
  readonly ruleId: number | null;
  readonly ruleName: string | null;
  readonly kind: string;
  readonly severity: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly at: string;
  readonly value: number | null;
  readonly peakValue: number | null;
  readonly unit: string | null;
  readonly text: string;
}

/** What a receiver is sent, whichever way. */
export interface NoticeMessage {
  readonly type: 'alert.notice';
  readonly timestamp: string;
  readonly data: {
    readonly noticeId: string;
    readonly userId: number;
    readonly delivery: string;
    readonly lines: readonly MessageLine[];
    /** Lines that were too many. */
    readonly more: number;
  };
}

const instant = (atMs: number): string => new Date(atMs).toISOString();

export function messageOf(notice: ToldNotice): NoticeMessage {
  const lines = notice.lines.slice(0, linesMax);
  return {
    type: 'alert.notice',
    timestamp: instant(notice.toldAtMs),
    data: {
      noticeId: notice.id,
      userId: Number(notice.userId),
      delivery: notice.delivery,
      lines: lines.map(lineOf),
      more: notice.more + notice.lines.length - lines.length,
    },
  };
}

const lineOf = ({ alertId, line, ruleName, unit, body }: ToldLine): MessageLine => ({
  alertId,
  ruleId: alertId === null ? null : Number(line.ruleId),
  ruleName,
  kind: line.key.kind,
  severity: line.severity,
  startedAt: instant(line.startMs),
  endedAt: line.endMs === null ? null : instant(line.endMs),
  at: instant(line.atMs),
  value: line.value,
  peakValue: line.peakValue,
  unit,
  text: body,
});
