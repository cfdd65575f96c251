import { expect, it } from '@jest/globals';
import { table } from './table.js';

it('shows signs that nobody sees as what they are, and keeps its columns', () => {
  const [head, ...rows] = table(
    ['id', 'name'],
    [
      [1, '\u001b[31m\u202eevil'],
      [22, 'Zoë'],
    ],
  ).split('\n');
  expect(head).toBe('ID  NAME');
  expect(rows).toEqual([String.raw` 1  \u001b[31m\u202eevil`, '22  Zoë']);
});
