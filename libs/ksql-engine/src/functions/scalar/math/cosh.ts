import { doubleFunction } from './double-function.js';

export const cosh = doubleFunction('COSH', 'The hyperbolic cosine.', Math.cosh);
