import { INTEGER, STRING, type SqlType } from '../../../types/sql-type.js';
import type { SqlValue } from '../../../types/sql-value.js';
import type { ScalarOverload } from '../../function.js';
import { memoizeLast } from '../../memoize-last.js';
import { JavaRegex } from '../../regex/java-regex.js';
import { param } from '../../signature.js';

/** Of a pattern, a text and a group (0, the whole match, where none is named); NULL for a group that the pattern has not. */
export function groupOverloads(
  returns: SqlType,
  extract: (regex: JavaRegex, input: string, group: number) => SqlValue,
): readonly ScalarOverload[] {
  const parameters = [param('pattern', STRING), param('input', STRING)];
  const bind: ScalarOverload['bind'] = (_, context) => {
    const regexOf = memoizeLast(context, (pattern) => new JavaRegex(pattern, context));
    return ([pattern, input, group = 0]) => {
      const regex = regexOf(pattern as string);
      return (group as number) > regex.groupCount ? null : extract(regex, input as string, group as number);
    };
  };
  return [
    { parameters, returns, bind },
    { parameters: [...parameters, param('group', INTEGER)], returns, bind },
  ];
}

/** @throws Error for a group below 0 */
export function groupOf(match: { readonly groups: readonly (string | null)[] }, group: number): SqlValue {
  if (group < 0) throw new Error(`there is no group ${group}: groups count from 0`);
  return match.groups[group] ?? null;
}
