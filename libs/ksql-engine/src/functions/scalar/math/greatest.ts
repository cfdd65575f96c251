import { extremeFunction } from './extreme.js';

export const greatest = extremeFunction('GREATEST', 'The greatest of the arguments; nulls are passed over.', 1);
