import { arrayExtreme } from './array-extreme.js';

export const arrayMin = arrayExtreme('ARRAY_MIN', 'The least element; nulls are passed over.', -1);
