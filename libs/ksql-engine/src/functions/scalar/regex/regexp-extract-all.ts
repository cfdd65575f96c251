import { arrayType, INTEGER, STRING } from '../../../types/sql-type.js';
import type { ScalarOverload } from '../../function.js';
import { memoizeLast } from '../../memoize-last.js';
import { JavaRegex } from '../../regex/java-regex.js';
import { param, scalarFunction } from '../../signature.js';

const parameters = [param('pattern', STRING), param('input', STRING)];
const bind: ScalarOverload['bind'] = () => {
  const regexOf = memoizeLast((pattern) => new JavaRegex(pattern));
  return ([pattern, input, group = 0]) => {
    const regex = regexOf(pattern as string);
    if ((group as number) > regex.groupCount) return null;
    return Array.from(regex.all(input as string), (match) => {
      if ((group as number) < 0) throw new Error(`there is no group ${String(group)}: groups count from 0`);
      return match.groups[group as number] ?? null;
    });
  };
};

export const regexpExtractAll = scalarFunction(
  'REGEXP_EXTRACT_ALL',
  'REGULAR EXPRESSION',
  'All matches of a regular expression, or one group of each.',
  [
    { parameters, returns: arrayType(STRING), bind },
    { parameters: [...parameters, param('group', INTEGER)], returns: arrayType(STRING), bind },
  ],
);
