import { refusedFormat } from './refuse-format.js';

/** JSON_SR: no codec yet; refused by name wherever it is asked for. */
export const jsonSrFormat = refusedFormat('JSON_SR', 'JSON');
