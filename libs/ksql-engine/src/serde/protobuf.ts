import type { Format } from './format.js';
import { refuseFormat } from './refuse-format.js';

/** PROTOBUF: not supported yet; refused by name wherever it is asked for. */
export const protobufFormat: Format = {
  name: 'PROTOBUF',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: true,
  validate: () => refuseFormat('PROTOBUF'),
  createSerde: () => refuseFormat('PROTOBUF'),
};
