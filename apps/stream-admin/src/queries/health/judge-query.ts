import type { QueryHealth } from '@isobar/contracts';

/** How far a query was at one moment: sums over the partitions of all it reads. */
export interface ProgressSample {
  readonly atMs: number;
  /** Ends of its inputs. */
  readonly input: number;
  /** Its committed offsets. */
  readonly committed: number;
  /** Records that were written and not yet committed. */
  readonly lag: number;
}

export interface QueryError {
  readonly atMs: number;
  /** As ksqlDB classifies it: USER, SYSTEM or UNKNOWN. */
  readonly type: string;
  readonly message: string;
  /** What the query goes on without, where the engine says so. */
  readonly loss?: 'state' | 'records' | undefined;
}

export interface QuerySignals {
  /** The engine's own word. */
  readonly state: string;
  /** Why it is in that state, where the engine tells. */
  readonly stateReason: string | undefined;
  /** False when it is listed and cannot be explained. */
  readonly isExplained: boolean;
  /** Newest first. */
  readonly errors: readonly QueryError[];
  /** Oldest first. */
  readonly samples: readonly ProgressSample[];
}

export interface JudgedQuery {
  readonly health: QueryHealth;
  /** What was seen, with values. */
  readonly because: readonly string[];
}

/** Records wait for this long and nothing is committed: stalled. Commits are seconds apart. */
const stallMs = 20_000;
/** No commit for this long while there are errors: failed. */
const failureMs = 10_000;
const idleMs = 60_000;
const growthMs = 5 * 60_000;
const errorNewsMs = 10 * 60_000;
/** A lag below is what any running query shows now and then. */
const lagThreshold = 1_000;

/** The health of a query from its progress; the engine's word only where it says that there can be none. */
export function judgeQuery(
  { state, stateReason, isExplained, errors, samples }: QuerySignals,
  nowMs: number,
): JudgedQuery {
  const latest = samples.at(-1);
  const error = errors[0];
  const words = [`engine says ${state}${stateReason === undefined ? '' : `: ${stateReason}`}`];
  const errorWords =
    error === undefined || nowMs - error.atMs > errorNewsMs
      ? []
      : [`${error.type} error at ${time(error.atMs)}: ${error.message}`];
  const verdict = (health: QueryHealth, ...because: string[]): JudgedQuery => ({
    health,
    because: [...words, ...because, ...errorWords],
  });

  if (!isExplained) return verdict('orphan', 'it is listed and cannot be explained');
  if (state === 'ERROR')
    return verdict('failed', ...(errorWords.length === 0 && error ? [`${error.type} error: ${error.message}`] : []));
  if (state === 'PAUSED') return verdict('paused');
  if (state !== 'RUNNING') return verdict('unreachable');
  if (latest === undefined) return verdict('running', 'its offsets were not looked at yet');

  const progress = describeProgress(samples, latest);
  const waiting = waitingSince(samples, latest);
  const standing = standingSince(samples, latest);
  const failing = errors.filter(({ atMs }) => atMs > standing && nowMs - atMs <= errorNewsMs);
  const failingMs = latest.atMs - Math.min(waiting, ...failing.map(({ atMs }) => atMs));
  if (failing.length > 0 && latest.lag > 0 && failingMs >= failureMs)
    return verdict('failed', `nothing was committed for ${seconds(failingMs)}, and there are errors`, ...progress);

  const waitedMs = latest.atMs - waiting;
  if (waitedMs >= stallMs && isBehindRecords(samples, latest, waiting))
    return verdict('stalled', `nothing was committed in ${seconds(waitedMs)}`, ...progress);
  if (latest.lag >= lagThreshold) {
    const recent = sampleAt(samples, nowMs - stallMs);
    const long = sampleAt(samples, nowMs - growthMs);
    if (recent !== undefined && latest.lag < recent.lag) {
      const perSecond = ((recent.lag - latest.lag) / (latest.atMs - recent.atMs)) * 1_000;
      return verdict(
        'catching-up',
        `the lag shrinks; clear in about ${seconds((latest.lag / perSecond) * 1_000)}`,
        ...progress,
      );
    }
    if (long !== undefined && latest.lag > long.lag * 1.1)
      return verdict(
        'falling-behind',
        `the lag grew by ${count(latest.lag - long.lag)} records in ${seconds(latest.atMs - long.atMs)}`,
        ...progress,
      );
  }
  const idleStart = sampleAt(samples, nowMs - idleMs);
  if (idleStart !== undefined && idleStart.input === latest.input)
    return verdict('idle', `its input had nothing new for ${seconds(latest.atMs - idleStart.atMs)}`, ...progress);
  return verdict('running', ...progress);
}

/** The newest sample that is at least as old; undefined when none is. */
const sampleAt = (samples: readonly ProgressSample[], atMs: number): ProgressSample | undefined =>
  samples.findLast((sample) => sample.atMs <= atMs);

/** When its last commit was seen; an error for every bad record says nothing as long as there are commits between them. */
const standingSince = (samples: readonly ProgressSample[], latest: ProgressSample): number =>
  samples.find(({ committed }) => committed === latest.committed)?.atMs ?? latest.atMs;

/** Since when it has been seen to stand in front of new records; a last one without a commit may be the marker of a transaction. */
const waitingSince = (samples: readonly ProgressSample[], latest: ProgressSample): number => {
  const standing = samples.filter(({ committed }) => committed === latest.committed);
  const isWaiting = ({ input, lag }: ProgressSample): boolean =>
    input > (standing[0]?.input ?? input) || lag >= lagThreshold;
  return (latest.lag > 0 ? standing.find(isWaiting) : undefined)?.atMs ?? latest.atMs;
};

/**
 * Whether so much waits that it can only be records. Little that came once may be a transaction that was aborted, which nobody commits
 * past until something follows; what comes again after the time in which it should have been committed are records.
 */
const isBehindRecords = (samples: readonly ProgressSample[], latest: ProgressSample, waiting: number): boolean =>
  latest.lag >= lagThreshold || latest.input > (sampleAt(samples, waiting + stallMs)?.input ?? latest.input);

function describeProgress(samples: readonly ProgressSample[], latest: ProgressSample): string[] {
  const before = sampleAt(samples, latest.atMs - 30_000) ?? samples[0];
  const lag = `lag ${count(latest.lag)} records`;
  if (before === undefined || before === latest) return [lag];
  const span = seconds(latest.atMs - before.atMs);
  return [
    `${count(latest.committed - before.committed)} records committed and ${count(latest.input - before.input)} new in ${span}`,
    lag,
  ];
}

const count = (value: number): string => value.toLocaleString('en-US');
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
function seconds(ms: number): string {
  const total = Math.max(1, Math.round(ms / 1_000));
  return total < 120 ? `${total} s` : `${Math.round(total / 60)} min`;
}
