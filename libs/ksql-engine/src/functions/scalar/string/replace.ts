import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, ternary } from '../../signature.js';

export const replace = scalarFunction('REPLACE', 'STRING', 'The text with every occurrence of a part replaced.', [
  ternary(
    [param('str', STRING), param('oldStr', STRING), param('newStr', STRING)],
    STRING,
    (text: string, part: string, replacement: string) => text.replaceAll(part, () => replacement),
  ),
]);
