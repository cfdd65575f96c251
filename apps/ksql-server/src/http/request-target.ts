export interface RequestTarget {
  /** Begins with a slash and ends with none, but for `/` itself. */
  readonly path: string;
  readonly query: URLSearchParams;
}

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

/** Takes the address of a request apart. Any text is taken: `//`, a whole URL, `*`. */
export function requestTarget(url: string | undefined): RequestTarget {
  const [address = ''] = (url ?? '/').replace(ORIGIN, '').split('#', 1);
  const at = address.indexOf('?');
  const path = at < 0 ? address : address.slice(0, at);
  return {
    path: path === '' ? '/' : path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path,
    query: new URLSearchParams(at < 0 ? '' : address.slice(at + 1)),
  };
}
