import { expect, it } from '@jest/globals';
import { median } from './median.js';

it.each([
  [[], undefined],
  [[7], 7],
  [[9, 1], 5],
  [[174, 23, 170], 170],
  [[10, 9, 100, 2], 9.5],
])('the middle of %j is %j', (numbers, middle) => {
  expect(median(numbers)).toBe(middle);
});
