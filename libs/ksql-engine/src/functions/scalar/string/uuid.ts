import { BYTES, STRING } from '../../../types/sql-type.js';
import { hexOf } from '../../bytes/hex.js';
import { param, scalarFunction, unary } from '../../signature.js';

const UUID_BYTES = 16;

function format(bytes: Uint8Array): string {
  const hex = hexOf(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Version 4: random but for the bits that say so. */
function randomUuid(random: () => number): string {
  const bytes = Uint8Array.from({ length: UUID_BYTES }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return format(bytes);
}

export const uuid = scalarFunction('UUID', 'STRING', 'A random UUID, or that of 16 bytes.', [
  {
    parameters: [],
    returns: STRING,
    bind: (_types, context) => () => randomUuid(() => context.random()),
  },
  unary(param('bytes', BYTES), STRING, (bytes: Uint8Array) => (bytes.length === UUID_BYTES ? format(bytes) : null)),
]);
