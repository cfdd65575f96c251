import { extremeFunction } from './extreme.js';

export const least = extremeFunction('LEAST', 'The least of the arguments; nulls are passed over.', -1);
