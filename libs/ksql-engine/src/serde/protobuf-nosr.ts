import type { Format } from './format.js';
import { refuseFormat } from './refuse-format.js';

/** PROTOBUF_NOSR: not supported yet; refused by name wherever it is asked for. */
export const protobufNosrFormat: Format = {
  name: 'PROTOBUF_NOSR',
  supportsKey: true,
  supportsValue: true,
  needsRegistry: false,
  validate: () => refuseFormat('PROTOBUF_NOSR'),
  createSerde: () => refuseFormat('PROTOBUF_NOSR'),
};
