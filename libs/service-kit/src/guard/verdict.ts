import type { IncomingHttpHeaders } from 'node:http';

/** What the guard looks at of a request; `guardedRequest` makes it from Node's. */
export interface GuardedRequest {
  readonly method: string;
  /** The request target without its query, as it was sent. */
  readonly path: string;
  /** HTTP/2's `:authority` is one of them. */
  readonly headers: IncomingHttpHeaders;
  /** How many Host lines came; Node keeps only the first in `headers`. */
  readonly hostCount: number;
  /** A change of protocol, such as to WebSocket. */
  readonly isUpgrade: boolean;
}

/** Who asks; `undefined` where nobody has to say so. */
export interface Principal {
  readonly name: string;
  readonly roles: readonly string[];
}

export interface Allowed {
  readonly allow: true;
  readonly principal: Principal | undefined;
  /** What the answer carries besides its own headers. */
  readonly headers: Readonly<Record<string, string>>;
}

export type RefusalCode =
  | 'malformed-request'
  | 'misdirected-request'
  | 'foreign-origin'
  | 'not-authenticated'
  | 'forbidden'
  | 'read-only'
  | 'unsupported-media-type'
  /** No refusal: the whole answer (204) to an allowed page that asks before it sends. */
  | 'preflight';

export interface Refused {
  readonly allow: false;
  readonly status: 204 | 400 | 401 | 403 | 415 | 421;
  readonly code: RefusalCode;
  /** For people: what is wrong and what to try. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type GuardVerdict = Allowed | Refused;

export function refuse(
  status: Refused['status'],
  code: RefusalCode,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): Refused {
  return { allow: false, status, code, reason, headers };
}
