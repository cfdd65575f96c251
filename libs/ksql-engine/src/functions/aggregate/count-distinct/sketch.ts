/**
 * A set of hashes that tells how many different ones were added. Up to 1,024 of them are kept as they are (8 bytes each,
 * sorted), so that small counts are exact; then a HyperLogLog takes over: 8,192 registers of one byte, standard error 1.1 %.
 * Bytes: a first byte 0 and the hashes, or a first byte 1 and the registers. Sketches are never changed in place.
 */
const HASHES_MAX = 1024;
const REGISTER_BITS = 13;
const REGISTERS = 1 << REGISTER_BITS;
const HASH_BYTES = 8;

const EXACT = 0;
const ESTIMATE = 1;

export type Hash = readonly [high: number, low: number];

export const EMPTY_SKETCH = Uint8Array.of(EXACT);

const isExact = (sketch: Uint8Array): boolean => sketch[0] === EXACT;
const view = (sketch: Uint8Array) => new DataView(sketch.buffer, sketch.byteOffset, sketch.length);
const hashCount = (sketch: Uint8Array): number => (sketch.length - 1) / HASH_BYTES;
const hashAt = (data: DataView, i: number): Hash => [
  data.getUint32(1 + i * HASH_BYTES),
  data.getUint32(5 + i * HASH_BYTES),
];

function compare(a: Hash, b: Hash): number {
  return a[0] - b[0] || a[1] - b[1];
}

export function addHash(sketch: Uint8Array, hash: Hash): Uint8Array {
  if (!isExact(sketch)) return addToRegisters(sketch, hash);
  const data = view(sketch);
  const count = hashCount(sketch);
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const order = compare(hashAt(data, middle), hash);
    if (order === 0) return sketch;
    if (order < 0) from = middle + 1;
    else to = middle;
  }
  if (count === HASHES_MAX) return addToRegisters(toRegisters(sketch), hash);
  const grown = new Uint8Array(sketch.length + HASH_BYTES);
  const at = 1 + from * HASH_BYTES;
  grown.set(sketch.subarray(0, at));
  view(grown).setUint32(at, hash[0]);
  view(grown).setUint32(at + 4, hash[1]);
  grown.set(sketch.subarray(at), at + HASH_BYTES);
  return grown;
}

export function mergeSketches(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (isExact(b)) return hashesOf(b).reduce(addHash, a);
  if (isExact(a)) return mergeSketches(b, a);
  return a.map((register, i) => Math.max(register, b[i] as number));
}

export function estimateCount(sketch: Uint8Array): number {
  if (isExact(sketch)) return hashCount(sketch);
  let sum = 0;
  let zeros = 0;
  for (let i = 1; i < sketch.length; i++) {
    const register = sketch[i] as number;
    sum += 2 ** -register;
    if (register === 0) zeros++;
  }
  const raw = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS) / sum;
  // Linear counting is better while registers are still empty.
  return Math.round(raw <= 2.5 * REGISTERS && zeros > 0 ? REGISTERS * Math.log(REGISTERS / zeros) : raw);
}

function hashesOf(sketch: Uint8Array): Hash[] {
  const data = view(sketch);
  return Array.from({ length: hashCount(sketch) }, (_, i) => hashAt(data, i));
}

function toRegisters(sketch: Uint8Array): Uint8Array {
  const registers = new Uint8Array(1 + REGISTERS);
  registers[0] = ESTIMATE;
  for (const hash of hashesOf(sketch)) setRegister(registers, hash);
  return registers;
}

function addToRegisters(sketch: Uint8Array, hash: Hash): Uint8Array {
  const [at, rank] = placeOf(hash);
  if ((sketch[at] as number) >= rank) return sketch;
  const changed = sketch.slice();
  changed[at] = rank;
  return changed;
}

function setRegister(registers: Uint8Array, hash: Hash): void {
  const [at, rank] = placeOf(hash);
  registers[at] = Math.max(registers[at] as number, rank);
}

/** The first bits choose a register, the zeros before the first one of the others are its rank. */
function placeOf([high, low]: Hash): readonly [at: number, rank: number] {
  const rest = (high << REGISTER_BITS) | (low >>> (32 - REGISTER_BITS));
  const zeros = Math.clz32(rest);
  const rank = zeros < 32 ? zeros + 1 : 33 + Math.clz32(low << REGISTER_BITS);
  return [1 + (high >>> (32 - REGISTER_BITS)), Math.min(rank, 52)];
}
