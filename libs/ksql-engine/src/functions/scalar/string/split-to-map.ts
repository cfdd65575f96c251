import { mapType, STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, ternary } from '../../signature.js';

/** Empty items are passed over, so are items without the inner delimiter; the last of equal keys wins. */
function toMap(input: string, entryDelimiter: string, pairDelimiter: string): Map<string, string> | null {
  if (entryDelimiter === '' || pairDelimiter === '') return null;
  const entries = new Map<string, string>();
  for (const item of input.split(entryDelimiter)) {
    const [key, value] = item.split(pairDelimiter);
    if (key !== undefined && value !== undefined) entries.set(key, value);
  }
  return entries;
}

export const splitToMap = scalarFunction(
  'SPLIT_TO_MAP',
  'STRING',
  'A map from text such as `a=1,b=2`, with a delimiter between entries and one between key and value.',
  [
    ternary(
      [param('input', STRING), param('entryDelimiter', STRING), param('kvDelimiter', STRING)],
      mapType(STRING, STRING),
      toMap,
    ),
  ],
);
