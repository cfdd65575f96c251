import { ByteWriter } from '../byte-writer.js';
import type { AvroType } from './avro-schema.js';
import { writeAvroBytes, writeAvroDouble, writeAvroFloat, writeAvroLong, writeAvroText } from './avro-writer.js';

const DEPTH_MAX = 200;
/** Values in one default: fields that have defaults themselves, and branches that are tried, may double with every level. */
const VALUES_MAX = 100_000;

/** The bytes of a default, which a schema gives as JSON. @throws Error when it is none of the type */
export function avroDefault(type: AvroType, json: unknown): Uint8Array {
  const writer = new ByteWriter();
  write(type, json, writer, 0, { left: VALUES_MAX });
  return writer.copy();
}

/** How many values may still be written. */
interface Budget {
  left: number;
}

/** The default is too much, whatever branch is taken. */
class DefaultTooLargeError extends Error {}

function write(type: AvroType, json: unknown, writer: ByteWriter, depth: number, budget: Budget): void {
  const bad = (): Error => new Error(`a default of the schema is not of the type ${type.kind}`);
  if (depth > DEPTH_MAX) throw new DefaultTooLargeError(`a default of the schema is more than ${DEPTH_MAX} deep`);
  if (--budget.left < 0) throw new DefaultTooLargeError(`a default of the schema has more than ${VALUES_MAX} values`);
  switch (type.kind) {
    case 'null':
      if (json !== null) throw bad();
      return;
    case 'boolean':
      if (typeof json !== 'boolean') throw bad();
      return writer.byte(json ? 1 : 0);
    case 'int':
    case 'long': {
      const most = type.kind === 'int' ? 31n : 63n;
      if ((typeof json !== 'number' && typeof json !== 'bigint') || !isWhole(json)) throw bad();
      if (BigInt.asIntN(Number(most) + 1, BigInt(json)) !== BigInt(json)) throw bad();
      return writeAvroLong(json, writer);
    }
    case 'float':
      return writeAvroFloat(doubleOf(json, bad), writer);
    case 'double':
      return writeAvroDouble(doubleOf(json, bad), writer);
    case 'string':
      if (typeof json !== 'string') throw bad();
      return writeAvroText(json, writer);
    case 'bytes':
      // A character per byte.
      if (typeof json !== 'string') throw bad();
      return writeAvroBytes(Buffer.from(json, 'latin1'), writer);
    case 'fixed':
      if (typeof json !== 'string' || json.length !== type.size) throw bad();
      return writer.bytes(Buffer.from(json, 'latin1'));
    case 'enum': {
      const index = typeof json === 'string' ? type.symbols.indexOf(json) : -1;
      if (index < 0) throw bad();
      return writeAvroLong(index, writer);
    }
    case 'array':
      if (!Array.isArray(json)) throw bad();
      if (json.length > 0) writeAvroLong(json.length, writer);
      for (const item of json) write(type.items, item, writer, depth + 1, budget);
      return writer.byte(0);
    case 'map': {
      const entries = Object.entries(objectOf(json, bad));
      if (entries.length > 0) writeAvroLong(entries.length, writer);
      for (const [key, item] of entries) {
        writeAvroText(key, writer);
        write(type.values, item, writer, depth + 1, budget);
      }
      return writer.byte(0);
    }
    case 'union': {
      const branch = branchFor(type.branches, json, depth, budget);
      const chosen = type.branches[branch];
      if (chosen === undefined) throw bad();
      writeAvroLong(branch, writer);
      return write(chosen, json, writer, depth + 1, budget);
    }
    case 'record': {
      const object = objectOf(json, bad);
      for (const field of type.fields) {
        const value = Object.hasOwn(object, field.name) ? object[field.name] : field.default;
        if (value === undefined) throw bad();
        write(field.type, value, writer, depth + 1, budget);
      }
    }
  }
}

/** The first branch as the specification says, else any that takes it, as newer writers let it be. */
function branchFor(branches: readonly AvroType[], json: unknown, depth: number, budget: Budget): number {
  return branches.findIndex((branch) => {
    try {
      write(branch, json, new ByteWriter(), depth + 1, budget);
      return true;
    } catch (error) {
      if (error instanceof DefaultTooLargeError) throw error;
      return false;
    }
  });
}

const isWhole = (value: number | bigint): boolean => typeof value === 'bigint' || Number.isInteger(value);

function doubleOf(json: unknown, bad: () => Error): number {
  if (typeof json === 'number' || typeof json === 'bigint') return Number(json);
  if (json === 'NaN' || json === 'Infinity' || json === '-Infinity') return Number(json);
  throw bad();
}

function objectOf(json: unknown, bad: () => Error): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw bad();
  return json as Readonly<Record<string, unknown>>;
}
