import { BYTES, STRING } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import { joinBytes } from '../../bytes/join-bytes.js';
import { param, scalarFunction, variadic } from '../../signature.js';

function concatTexts(items: readonly SqlValue[]): string {
  let text = '';
  for (const item of items) if (item !== null) text += item as string;
  return text;
}

export const concat = scalarFunction('CONCAT', 'STRING', 'The arguments one after the other; nulls count as empty.', [
  variadic([param('inputs', STRING)], STRING, concatTexts),
  variadic([param('inputs', BYTES)], BYTES, (items) =>
    joinBytes(items.filter((item): item is Uint8Array => item !== null)),
  ),
]);
