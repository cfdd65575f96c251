import type { ApiOperation } from './api-operations.js';

/** What Node answers by itself before any service sees a request. */
const ofNode: readonly number[] = [408, 417, 431];
/** What a body is answered with where none is meant, whichever the operation. */
const ofAnyBody: readonly number[] = [400, 413, 415];

/**
 * The status in words, where the operation that a request is meant for does not say that it may answer so. A request for none of them may be
 * answered in any way.
 *
 * @param request what was sent, in words of HTTP/1.1
 */
export function undescribedStatus(
  operations: readonly ApiOperation[],
  request: string,
  status: number,
): string | undefined {
  const [, method, target = ''] = /^([A-Z]+) (\/\S*) HTTP\/1\.1\r\nHost: localhost\r\n/.exec(request) ?? [];
  const [path = ''] = target.split('?');
  const [operation] = operations
    .filter((each) => each.method === method && patternOf(each).test(path))
    // A path without a value is meant before one with.
    .sort((a, b) => valuesIn(a) - valuesIn(b));
  if (operation === undefined || ofNode.includes(status) || operation.statuses.includes(status)) return undefined;
  const isOfBody = operation.body === undefined && ofAnyBody.includes(status) && /^content-length:/im.test(request);
  return isOfBody ? undefined : `${operation.method} ${operation.path}: ${status} is not in its description`;
}

const valuesIn = ({ path }: ApiOperation): number => path.split('{').length;

const patternOf = ({ path }: ApiOperation): RegExp =>
  new RegExp(
    `^${path
      .split(/\{\w+\}/)
      .map((fixed) => fixed.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^/]+')}$`,
  );
