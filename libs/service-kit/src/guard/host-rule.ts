import { refuse, type GuardedRequest, type Refused } from './verdict.js';

// A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. No user, no path, no spaces, no other alphabet.
const hostPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?)(?::(\d{1,5}))?$/;
const ipv4Loopback = /^127\.(?:\d{1,3})\.(?:\d{1,3})\.(?:\d{1,3})$/;

export interface Authority {
  /** Lower case, without the dot that may end a name. */
  readonly name: string;
  readonly port: number | undefined;
}

/** A Host header; undefined when it is none. */
export function parseAuthority(text: string): Authority | undefined {
  const match = hostPattern.exec(text.toLowerCase());
  const name = match?.[1];
  if (name === undefined) return undefined;
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { name: name.replace(/\.$/, ''), port };
}

/** Whether a name or address (IPv6 with or without brackets) can only mean this machine. */
export function isLoopback(name: string): boolean {
  const bare = name.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return bare === 'localhost' || bare === '::1' || bare === '0:0:0:0:0:0:0:1' || ipv4Loopback.test(bare);
}

/**
 * The name by which the request believes to speak to this service. A page whose own name was made to point here (DNS rebinding) is
 * same-origin to its browser; only the name gives it away.
 */
export function judgeHost(request: GuardedRequest, allowedHosts: ReadonlySet<string>): Authority | Refused {
  const { host } = request.headers;
  const authority = request.headers[':authority'];
  const text = typeof authority === 'string' ? authority : host;
  if (text === undefined || text === '')
    return refuse(400, 'malformed-request', 'The request has no Host header. Send one; HTTP/1.1 asks for it.');
  if (request.hostCount > 1 || (typeof authority === 'string' && host !== undefined && host !== authority))
    return refuse(400, 'malformed-request', 'The request names more than one host. Send one Host header.');
  const parsed = parseAuthority(text);
  if (parsed === undefined)
    return refuse(
      400,
      'malformed-request',
      'The Host header is no name or address with a port. Send host or host:port.',
    );
  if (isLoopback(parsed.name) || allowedHosts.has(parsed.name)) return parsed;
  return refuse(
    421,
    'misdirected-request',
    `This service does not answer to the name ${parsed.name}. Use localhost, or add the name to ALLOWED_HOSTS.`,
  );
}
