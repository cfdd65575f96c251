import { arrayExtreme } from './array-extreme.js';

export const arrayMax = arrayExtreme('ARRAY_MAX', 'The greatest element; nulls are passed over.', 1);
