import { judgeCredentials, type Credentials } from './credentials.js';
import { judgeHost } from './host-rule.js';
import { allowedOriginOf, judgeOrigin } from './origin-rule.js';
import { accessOf, type RouteExceptions } from './route-access.js';
import { refuse, type Allowed, type GuardedRequest, type GuardVerdict, type Refused } from './verdict.js';

export interface GuardPolicy {
  /** Names besides the loopback ones, in lower case. */
  readonly allowedHosts: ReadonlySet<string>;
  /** Origins of pages besides the service's own, such as `https://ops.example`. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** Undefined: nobody has to say who they are. */
  readonly credentials: Credentials | undefined;
  readonly isReadOnly: boolean;
  /** `json`: a body is JSON or refused. `any`: the routes look for themselves. */
  readonly bodies: 'json' | 'any';
  /** Media types besides JSON, in lower case; none that a form can send. */
  readonly bodyTypes?: readonly string[];
  readonly routes: RouteExceptions;
}

export type RequestGuard = (request: GuardedRequest) => GuardVerdict;

/**
 * Decides, before anything else reads the request, whether this service may look at it: is it meant for this service (Host), who
 * sends it (Origin, Sec-Fetch-Site), who says so (credentials), may it change things (read-only), can its body be meant.
 */
export function createRequestGuard(policy: GuardPolicy): RequestGuard {
  return (request) => {
    if (!request.path.startsWith('/') && !(request.method === 'OPTIONS' && request.path === '*'))
      return refuse(400, 'malformed-request', 'The request target must be a path. This service is no proxy.');
    const host = judgeHost(request, policy.allowedHosts);
    if ('allow' in host) return host;
    const access = accessOf(policy.routes, request.method, request.path);
    const origin = judgeOrigin(request, host, access, policy.allowedOrigins);
    if (origin !== undefined) return origin;
    const allowedOrigin = allowedOriginOf(request, policy.allowedOrigins);
    if (allowedOrigin !== undefined && request.headers['access-control-request-method'] !== undefined)
      return preflight(request, allowedOrigin);

    const allowed: Allowed = { allow: true, principal: undefined, headers: crossOriginHeaders(allowedOrigin) };
    const onlyReads = request.method === 'GET' || request.method === 'HEAD';
    if (access === 'health' || (access === 'link' && (onlyReads || !policy.isReadOnly))) return allowed;
    const principal = policy.credentials === undefined ? undefined : judgeCredentials(request, policy.credentials);
    if (principal !== undefined && 'allow' in principal)
      return { ...principal, headers: { ...allowed.headers, ...principal.headers } };
    if (policy.isReadOnly && (access === 'changes' || access === 'link'))
      return refuse(403, 'read-only', 'This service only answers questions now (READ_ONLY=true).', allowed.headers);
    const body = policy.bodies === 'json' ? judgeBody(request, policy.bodyTypes ?? [], allowed.headers) : undefined;
    return body ?? { ...allowed, principal };
  };
}

/** A form or plain text can be sent by any page and by mistake; JSON is meant. */
function judgeBody(
  request: GuardedRequest,
  others: readonly string[],
  headers: Allowed['headers'],
): Refused | undefined {
  const { 'content-length': length, 'transfer-encoding': encoding, 'content-type': type = '' } = request.headers;
  const hasBody = encoding !== undefined || (length !== undefined && !/^0+$/.test(length));
  if (!hasBody || /^\s*application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type)) return undefined;
  if (others.includes(type.split(';')[0]?.trim().toLowerCase() ?? '')) return undefined;
  return refuse(415, 'unsupported-media-type', 'A body must be JSON: send Content-Type: application/json.', headers);
}

function preflight(request: GuardedRequest, origin: string): Refused {
  const asked = request.headers['access-control-request-headers'];
  return refuse(204, 'preflight', '', {
    ...crossOriginHeaders(origin),
    'Access-Control-Allow-Methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    ...(asked !== undefined && /^[\w, -]{1,1024}$/.test(asked) && { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': '600',
  });
}

const crossOriginHeaders = (origin: string | undefined): Record<string, string> =>
  origin === undefined
    ? {}
    : { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true', Vary: 'Origin' };
