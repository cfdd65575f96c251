import type { Format } from './format.js';
import { refuseFormat } from './refuse-format.js';

/** JSON_SR: not supported yet; refused by name wherever it is asked for. */
export const jsonSrFormat: Format = {
  name: 'JSON_SR',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: true,
  validate: () => refuseFormat('JSON_SR'),
  createSerde: () => refuseFormat('JSON_SR'),
};
