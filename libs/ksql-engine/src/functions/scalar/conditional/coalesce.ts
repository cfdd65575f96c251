import { firstKnown, generic, param, scalarFunction, variadic } from '../../signature.js';

export const coalesce = scalarFunction('COALESCE', 'CONDITIONAL', 'The first argument that is not NULL.', [
  variadic(
    [param('first', generic('T')), param('others', generic('T'))],
    firstKnown,
    (args) => args.find((value) => value !== null) ?? null,
    { returnsText: 'T', isFirstKnown: true },
  ),
]);
