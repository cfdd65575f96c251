import { doubleFunction2 } from './double-function.js';

export const atan2 = doubleFunction2(
  'ATAN2',
  'The angle in radians of the point (x, y), from -pi to pi.',
  ['y', 'x'],
  Math.atan2,
);
