import { STRING } from '../../../../types/sql-type.js';
import { scalarFunction, unary } from '../../../signature.js';
import { DEFAULT_MASKS, MASK_PARAMETERS, MASKED_INPUT, maskRange, masksOf } from './masker.js';

export const mask = scalarFunction(
  'MASK',
  'STRING',
  'The text with upper-case letters, lower-case letters, digits and other characters each replaced by a mask.',
  [
    unary(MASKED_INPUT, STRING, (text: string) => maskRange(text, 0, text.length, DEFAULT_MASKS)),
    {
      parameters: [MASKED_INPUT, ...MASK_PARAMETERS],
      returns: STRING,
      nullOnNull: false,
      bind: () => (args) => {
        const masks = masksOf(args, 1);
        const text = args[0];
        return typeof text === 'string' ? maskRange(text, 0, text.length, masks) : null;
      },
    },
  ],
);
