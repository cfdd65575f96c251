import { STRING, type SqlType } from '../../../types/sql-type.js';
import type { SqlArray } from '../../../types/sql-value.js';
import { valueToText } from '../../../types/value-to-text.js';
import { arrayOf, generic, param, scalarFunction } from '../../signature.js';
import { checkTextLength } from '../../text-limit.js';
import { elementType } from './element.js';

const JOINABLE: ReadonlySet<SqlType['kind']> = new Set(['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL', 'STRING']);

function joiner(types: readonly (SqlType | null)[]): (array: SqlArray, delimiter: string) => string {
  const element = types[0] ? elementType(types) : STRING;
  return (array, delimiter) => {
    let length = array.length * delimiter.length;
    checkTextLength(length, 'a text of ARRAY_JOIN');
    return array
      .map((item) => {
        if (item === null) return 'null';
        if (!JOINABLE.has(element.kind)) {
          throw new Error(
            `ARRAY_JOIN takes numbers, texts and booleans, not ${element.kind}: convert the elements first`,
          );
        }
        const text = valueToText(item, element);
        checkTextLength((length += text.length), 'a text of ARRAY_JOIN');
        return text;
      })
      .join(delimiter);
  };
}

const array = param('array', arrayOf(generic('T')));

export const arrayJoin = scalarFunction(
  'ARRAY_JOIN',
  'ARRAY',
  'The elements as one text with a delimiter (a comma by default) between them; NULL elements read `null`.',
  [
    {
      parameters: [array],
      returns: STRING,
      bind: (types) => {
        const join = joiner(types);
        return (args) => join(args[0] as SqlArray, ',');
      },
    },
    {
      parameters: [array, param('delimiter', STRING)],
      returns: STRING,
      nullOnNull: false,
      bind: (types) => {
        const join = joiner(types);
        return ([items, delimiter]) =>
          items === null ? null : join(items as SqlArray, (delimiter as string | null) ?? '');
      },
    },
  ],
);
