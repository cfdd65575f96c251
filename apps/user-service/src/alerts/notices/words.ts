import type { NoticeLine } from './notice.js';

/** How the service names things in the person's words. */
export interface Wording {
  /** What is watched and where, such as `Temperature in Chicago`. */
  readonly what: string;
  /** The limit as the person set it, such as `above 90 °F`. */
  readonly limit: string;
  readonly value: (value: number) => string;
  readonly time: (atMs: number) => string;
}

const officialEnds: Readonly<Record<string, string>> = {
  cancelled: 'was cancelled by the weather service',
  expired: 'has expired',
  upgraded: 'was upgraded to a higher warning',
  'no-longer-listed': 'is no longer listed by the weather service',
};

/** What a line says, in one sentence: each kind of end has words of its own, and none says that all is well when nobody knows. */
export function wordsOf(line: NoticeLine, { what, limit, value, time }: Wording): string {
  const { kind } = line.key;
  const since = time(line.startMs);
  const now = line.value === null ? '' : ` It is ${value(line.value)}.`;
  const end = line.endMs === null ? '' : time(line.endMs);
  const peak = line.peakValue === null ? '' : `, at most ${value(line.peakValue)}`;
  const official = line.reason === null ? undefined : officialEnds[line.reason];
  switch (kind) {
    case 'raised':
      return `${what} is ${limit} since ${since}.${now}`;
    case 'escalated':
    case 'changed':
      return `${what} got worse.${now}`;
    case 'reminder':
      return `${what} is still ${limit}, since ${since}.${now}`;
    case 'still-active':
      return `${what} is still ${limit}, since ${since}: the alert was held until now.${now}`;
    case 'cleared':
      return official === undefined ? `${what} is no longer ${limit}, since ${end}.` : `${what} ${official}.`;
    case 'no-data':
      return `${what} has had no data since ${time(line.atMs)}. Whether it is still ${limit} is not known.`;
    case 'ended':
      return official === undefined
        ? `${what} has had no data for so long that the alert was closed. Whether it is still ${limit} is not known.`
        : `${what} ${official}.`;
    case 'ended-meanwhile':
      return `${what} was ${limit} from ${since} to ${end}${peak}: it ended while the alert was snoozed.`;
    case 'late-finding':
      return `${what} was ${limit} from ${since} to ${end}${peak}: the data came too late to tell you then.`;
    case 'was':
      return line.reason === 'no-data'
        ? `${what} was ${limit} from ${since}, and there are no data since.`
        : `${what} was ${limit} from ${since} to ${end}${peak}.`;
  }
}
