import { STRING } from '../../../types/sql-type.js';
import { scalarFunction } from '../../signature.js';
import { groupOf, groupOverloads } from './group-overloads.js';

export const regexpExtract = scalarFunction(
  'REGEXP_EXTRACT',
  'REGULAR EXPRESSION',
  'The first match of a regular expression, or one of its groups; NULL where there is none.',
  groupOverloads(STRING, (regex, input, group) => {
    const match = regex.first(input);
    return match === undefined ? null : groupOf(match, group);
  }),
);
