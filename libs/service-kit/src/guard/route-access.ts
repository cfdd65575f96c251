/**
 * What a route does, as far as the guard cares.
 *
 * - `health`: says that the process lives; answered without credentials
 * - `page`: a document to read; a link on another site may open it
 * - `link`: for who holds the link, such as one in a mail: answered without credentials and whatever its body, from no page of another site
 * - `reads`: data; nothing is changed
 * - `changes`: anything else
 */
export type RouteAccess = 'health' | 'page' | 'link' | 'reads' | 'changes';

/** `METHOD /path` to access, for routes that are not what their method says. */
export type RouteExceptions = Readonly<Record<string, RouteAccess>>;

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** By its exact path, else by its method: a path in another spelling is never more allowed than the known one. */
export function accessOf(exceptions: RouteExceptions, method: string, path: string): RouteAccess {
  const exception = exceptions[`${method === 'HEAD' ? 'GET' : method} ${path}`];
  return exception ?? (readingMethods.has(method) ? 'reads' : 'changes');
}
