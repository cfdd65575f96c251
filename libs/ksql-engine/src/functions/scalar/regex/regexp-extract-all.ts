import { arrayType, STRING } from '../../../types/sql-type.js';
import { scalarFunction } from '../../signature.js';
import { groupOf, groupOverloads } from './group-overloads.js';

export const regexpExtractAll = scalarFunction(
  'REGEXP_EXTRACT_ALL',
  'REGULAR EXPRESSION',
  'All matches of a regular expression, or one group of each.',
  groupOverloads(arrayType(STRING), (regex, input, group) =>
    Array.from(regex.all(input), (match) => groupOf(match, group)),
  ),
);
