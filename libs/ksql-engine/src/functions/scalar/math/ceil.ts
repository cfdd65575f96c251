import { wholeNumberFunction } from './whole.js';

export const ceil = wholeNumberFunction('CEIL', 'The least whole number that is not less.', Math.ceil, 'CEILING');
