import { INTEGER, STRING } from '../../../types/sql-type.js';
import type { ScalarOverload } from '../../function.js';
import { memoizeLast } from '../../memoize-last.js';
import { JavaRegex } from '../../regex/java-regex.js';
import { param, scalarFunction } from '../../signature.js';

const parameters = [param('pattern', STRING), param('input', STRING)];
const bind: ScalarOverload['bind'] = () => {
  const regexOf = memoizeLast((pattern) => new JavaRegex(pattern));
  return ([pattern, input, group = 0]) => {
    const regex = regexOf(pattern as string);
    const match = regex.first(input as string);
    if (match === undefined || (group as number) > regex.groupCount) return null;
    if ((group as number) < 0) throw new Error(`there is no group ${String(group)}: groups count from 0`);
    return match.groups[group as number] ?? null;
  };
};

export const regexpExtract = scalarFunction(
  'REGEXP_EXTRACT',
  'REGULAR EXPRESSION',
  'The first match of a regular expression, or one of its groups; NULL where there is none.',
  [
    { parameters, returns: STRING, bind },
    { parameters: [...parameters, param('group', INTEGER)], returns: STRING, bind },
  ],
);
