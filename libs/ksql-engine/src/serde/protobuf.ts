import { refusedFormat } from './refuse-format.js';

/** PROTOBUF: no codec yet; refused by name wherever it is asked for. */
export const protobufFormat = refusedFormat('PROTOBUF', 'PROTOBUF');
