import type { Format } from './format.js';
import { refuseFormat } from './refuse-format.js';

/** AVRO: not supported yet; refused by name wherever it is asked for. */
export const avroFormat: Format = {
  name: 'AVRO',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: true,
  validate: () => refuseFormat('AVRO'),
  createSerde: () => refuseFormat('AVRO'),
};
