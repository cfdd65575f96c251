/** What became of a request, in the words that decide what to do next. */
export type NwsErrorKind =
  /** No answer: name not found, refused, timed out, cut off. */
  | 'unreachable'
  /** A fault over there that a repetition may cure: 500, 502, 503, 504, HTML or half a body with status 200. */
  | 'server-fault'
  /** The office delivered no grid; lasts hours. */
  | 'no-forecast'
  /** Too fast: 429, or a page of the content network that says so. */
  | 'rate-limited'
  /** The content network refuses us: 403. */
  | 'blocked'
  /** The place is outside the service's area. */
  | 'outside-area'
  /** The cell has become sea: the point must be resolved again. */
  | 'moved-grid'
  /** A valid station without data: ask the next one. */
  | 'no-data'
  /** Our request was wrong: 400. */
  | 'bad-request'
  /** Some other refusal: 404 and the rest. */
  | 'refused'
  /** An answer that is not what its endpoint gives. */
  | 'unusable-answer'
  /** A record whose time lies further ahead of our clock than `EVENT_AHEAD_MAX_MS`. */
  | 'too-far-ahead'
  /** We stopped ourselves: the day's budget is spent or the circuit is open. */
  | 'held-back';

/** A request that brought nothing usable. */
export class NwsError extends Error {
  override readonly name = 'NwsError';

  constructor(
    readonly kind: NwsErrorKind,
    message: string,
    readonly details: {
      readonly status?: number;
      /** Last part of the problem's type, such as `InvalidPoint`. */
      readonly problem?: string;
      /** What the service's support asks for. */
      readonly correlationId?: string;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
  }

  /** Whether the same request may succeed within seconds. */
  get isTransient(): boolean {
    return this.kind === 'unreachable' || this.kind === 'server-fault' || this.kind === 'rate-limited';
  }
}

interface ProblemLike {
  readonly type?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly status?: unknown;
  readonly correlationId?: unknown;
  readonly parameterErrors?: unknown;
}

/** Decides by the type's last part and the status, never by the title: titles and types do not always fit each other. */
export function classifyProblem(status: number, body: string, retryAfterMs?: number): NwsError {
  const problem = parseProblem(body);
  const name = typeof problem.type === 'string' ? problem.type.split('/').at(-1) : undefined;
  const detail =
    text(problem.detail) ??
    text(problem.title) ??
    (body.trimStart().startsWith('<') ? 'an HTML page' : 'no reason given');
  const kind = kindOf(status, name);
  const correlationId = text(problem.correlationId);
  return new NwsError(
    kind,
    `The weather service answered ${status}${name === undefined ? '' : ` ${name}`}: ${detail}`,
    {
      status,
      ...(name === undefined ? {} : { problem: name }),
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  );
}

function kindOf(status: number, problem: string | undefined): NwsErrorKind {
  if (status === 429) return 'rate-limited';
  if (status === 403) return 'blocked';
  if (status === 400) return 'bad-request';
  if (problem === 'ForecastGridExpired' || problem === 'ForecastMissingData') return 'no-forecast';
  if (problem === 'MarineForecastNotSupported') return 'moved-grid';
  if (status >= 500) return 'server-fault';
  if (problem === 'InvalidPoint') return 'outside-area';
  if (status === 404 && (problem === 'NotFound' || problem === undefined)) return 'no-data';
  return 'refused';
}

function parseProblem(body: string): ProblemLike {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
