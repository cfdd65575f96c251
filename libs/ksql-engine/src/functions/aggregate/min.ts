import { extremeAggregate } from './extreme.js';

export const min = extremeAggregate('MIN', 'The least value that is not NULL.', -1);
