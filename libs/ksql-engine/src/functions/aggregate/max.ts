import { extremeAggregate } from './extreme.js';

export const max = extremeAggregate('MAX', 'The greatest value that is not NULL.', 1);
