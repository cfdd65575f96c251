import { STRING } from '../../../types/sql-type.js';
import type { FunctionContext } from '../../function.js';
import { param, scalarFunction } from '../../signature.js';
import { checkTextLength } from '../../text-limit.js';

function replaceAll(text: string, part: string, replacement: string, { spend }: FunctionContext): string {
  let length = text.length;
  return text.replaceAll(part, () => {
    spend?.(1);
    checkTextLength((length += replacement.length - part.length), 'a text after REPLACE');
    return replacement;
  });
}

export const replace = scalarFunction('REPLACE', 'STRING', 'The text with every occurrence of a part replaced.', [
  {
    parameters: [param('str', STRING), param('oldStr', STRING), param('newStr', STRING)],
    returns: STRING,
    bind:
      (_, context) =>
      ([text, part, replacement]) =>
        replaceAll(text as string, part as string, replacement as string, context),
  },
]);
