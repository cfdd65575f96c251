import type { Authority } from './host-rule.js';
import { parseAuthority } from './host-rule.js';
import type { RouteAccess } from './route-access.js';
import { refuse, type GuardedRequest, type Refused } from './verdict.js';

/** What only browsers send, and no page can forge: where the request comes from. */
type Provenance = 'no-browser' | 'own-page' | 'allowed-page' | 'typed' | 'link' | 'foreign' | 'opaque';

/**
 * Refuses what a page of another site sends, and undefined for the rest. Programs (curl, clients, tools) send neither Origin nor
 * Sec-Fetch-Site and are not judged here; a Referer alone says nothing, since it can be left out.
 */
export function judgeOrigin(
  request: GuardedRequest,
  host: Authority,
  access: RouteAccess,
  allowedOrigins: ReadonlySet<string>,
): Refused | undefined {
  switch (provenanceOf(request, host, allowedOrigins)) {
    case 'no-browser':
    case 'own-page':
    case 'allowed-page':
      return undefined;
    // The address bar, a bookmark: the user asked for it, but only ever to read.
    case 'typed':
      return isPlainGet(request) ? undefined : foreign('A browser may send this only from the page of this service.');
    // Opening a page tells the page with the link nothing; framing or fetching it would.
    case 'link':
      return isPlainGet(request) && (access === 'page' || access === 'health' || access === 'link')
        ? undefined
        : foreign('Links from other sites may open pages of this service, not its data. Type the address instead.');
    case 'opaque':
      return foreign('The page that sent this has no origin (a file, a sandbox). Open it from this service.');
    case 'foreign':
      return foreign('Pages of other origins may not use this service. Add theirs to ALLOWED_ORIGINS if you trust it.');
  }
}

/** The origin to name in Access-Control headers, when the request comes from an allowed page of another site. */
export function allowedOriginOf(request: GuardedRequest, allowedOrigins: ReadonlySet<string>): string | undefined {
  const { origin } = request.headers;
  return origin !== undefined && allowedOrigins.has(origin) ? origin : undefined;
}

function provenanceOf(request: GuardedRequest, host: Authority, allowedOrigins: ReadonlySet<string>): Provenance {
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin === 'null') return 'opaque';
  if (origin !== undefined) {
    if (allowedOrigins.has(origin)) return 'allowed-page';
    if (!isOwnOrigin(origin, host)) return 'foreign';
  }
  if (site === undefined) return origin === undefined ? 'no-browser' : 'own-page';
  if (site === 'same-origin') return 'own-page';
  if (site === 'none') return 'typed';
  return origin === undefined && isNavigation(request) ? 'link' : 'foreign';
}

/** Whether the origin is this service as the request names it. Which of http and https it is, a proxy in front may decide. */
function isOwnOrigin(origin: string, host: Authority): boolean {
  const match = /^(https?):\/\/([^/?#]+)$/.exec(origin);
  const authority = parseAuthority(match?.[2] ?? '');
  if (match === null || authority === undefined) return false;
  const defaultPort = match[1] === 'https' ? 443 : 80;
  return authority.name === host.name && (authority.port ?? defaultPort) === (host.port ?? defaultPort);
}

const isPlainGet = (request: GuardedRequest): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') && !request.isUpgrade;

/** The whole window goes there; a frame or an embedded object would stay in the foreign page's hands. */
const isNavigation = (request: GuardedRequest): boolean =>
  request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document';

const foreign = (reason: string): Refused => refuse(403, 'foreign-origin', reason);
