import { STRING } from '../../../types/sql-type.js';
import { param, scalarFunction, ternary } from '../../signature.js';
import { checkTextLength } from '../../text-limit.js';

function replaceAll(text: string, part: string, replacement: string): string {
  let length = text.length;
  return text.replaceAll(part, () => {
    checkTextLength((length += replacement.length - part.length), 'a text after REPLACE');
    return replacement;
  });
}

export const replace = scalarFunction('REPLACE', 'STRING', 'The text with every occurrence of a part replaced.', [
  ternary([param('str', STRING), param('oldStr', STRING), param('newStr', STRING)], STRING, replaceAll),
]);
