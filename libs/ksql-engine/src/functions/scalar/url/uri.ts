import { utf8Of } from '../../bytes/utf8.js';

/** The parts of a URI, decoded; null where it has none. */
export interface Uri {
  readonly scheme: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly path: string | null;
  readonly query: string | null;
  readonly fragment: string | null;
}

/** RFC 2396 with the latitude of java.net.URI: characters beyond ASCII are allowed where escapes are. */
const OTHER = String.raw`[^\x00-\x7f\p{Cc}\p{Z}]`;
const ESCAPE = '%[0-9a-fA-F]{2}';
const PATH = new RegExp(`^(?:[\\w.!~*'(),;:$&+=@/-]|${ESCAPE}|${OTHER})*$`, 'u');
const QUERY = new RegExp(`^(?:[\\w.!~*'()\\[\\],;:$&+=@/?-]|${ESCAPE}|${OTHER})*$`, 'u');
const AUTHORITY = new RegExp(`^(?:[\\w.!~*'(),;:$&+=@\\[\\]-]|${ESCAPE}|${OTHER})*$`, 'u');

/** `user@host:port`; the host is a name whose last label starts with a letter, an IPv4 address or an IPv6 one in brackets. */
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?';
const SERVER = new RegExp(
  `^(?:[^@]*@)?((?:${LABEL}\\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?\\.?|\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-fA-F:.%\\w]+\\])(?::(\\d*))?$`,
);

const PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?([^#]*)(?:#(.*))?$/su;

/** @throws Error when the text is no URI */
export function parseUri(text: string): Uri {
  const invalid = (what: string): Error => new Error(`'${text}' is no URI: ${what}`);
  const match = PARTS.exec(text);
  if (!match) throw invalid('more than one #');
  const [, scheme = null, rest = '', fragment = null] = match;
  if (fragment !== null && !QUERY.test(fragment)) throw invalid('illegal character in the fragment');
  if (scheme === null && /^[^/?]*:/.test(rest)) throw invalid('illegal character in the scheme');
  if (scheme !== null && !rest.startsWith('/')) {
    if (rest === '' || !QUERY.test(rest)) throw invalid('illegal character, or nothing behind the scheme');
    return { scheme, host: null, port: null, path: null, query: null, fragment: decodeOrNull(fragment) };
  }
  const [, authority, path = '', query = null] = /^(?:\/\/([^/?]*))?([^?]*)(?:\?(.*))?$/su.exec(rest) ?? [];
  if (!PATH.test(path)) throw invalid('illegal character in the path');
  if (query !== null && !QUERY.test(query)) throw invalid('illegal character in the query');
  if (authority !== undefined && !AUTHORITY.test(authority)) throw invalid('illegal character in the authority');
  if (authority === '' && path === '') throw invalid('no host behind //');
  const server = SERVER.exec(authority ?? '');
  return {
    scheme,
    host: server?.[1] ?? null,
    port: server?.[2] ? Number(server[2]) : null,
    path: decodeEscapes(path),
    query: decodeOrNull(query),
    fragment: decodeOrNull(fragment),
  };
}

const decodeOrNull = (text: string | null): string | null => (text === null ? null : decodeEscapes(text));

/** Runs of `%XX` are UTF-8. */
export function decodeEscapes(text: string): string {
  return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => utf8Of(Buffer.from(run.replaceAll('%', ''), 'hex')));
}
