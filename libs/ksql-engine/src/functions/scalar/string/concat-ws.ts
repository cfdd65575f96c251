import { BYTES, STRING } from '../../../types/sql-type.js';
import { joinBytes } from '../../bytes/join-bytes.js';
import { param, scalarFunction, variadic } from '../../signature.js';

export const concatWs = scalarFunction(
  'CONCAT_WS',
  'STRING',
  'The second and following arguments with the first one between them; null items are passed over.',
  [
    variadic([param('inputs', STRING)], STRING, ([separator, ...items]) =>
      typeof separator === 'string' ? items.filter((item) => item !== null).join(separator) : null,
    ),
    variadic([param('inputs', BYTES)], BYTES, ([separator, ...items]) =>
      separator instanceof Uint8Array
        ? joinBytes(
            items.filter((item): item is Uint8Array => item !== null),
            separator,
          )
        : null,
    ),
  ],
);
