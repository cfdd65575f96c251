import { refusedFormat } from './refuse-format.js';

/** AVRO: no codec yet; refused by name wherever it is asked for. */
export const avroFormat = refusedFormat('AVRO', 'AVRO');
