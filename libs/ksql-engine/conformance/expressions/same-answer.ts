import type { SqlType } from '../../src/types/sql-type.js';
import { isArray, isObject, JsonNumber, parseExactJson, printExactJson, type ExactJson } from '../exact-json.js';

/** Whose results are sets in a list's clothes: their order carries no meaning. */
const UNORDERED = /\b(MAP_KEYS|MAP_VALUES|COLLECT_SET)\s*\(|\bENTRIES\s*\(.*,\s*FALSE\s*\)/i;

/** Compares the JSON texts of a value: exact numbers by their text, DOUBLE by its double, maps without order. */
export function isSameValue(sql: string, type: SqlType, expected: string, actual: string): boolean {
  const hasOrder = !UNORDERED.test(sql);
  return isSame(parseExactJson(expected), parseExactJson(actual), type, hasOrder, false);
}

function isSame(a: ExactJson, b: ExactJson, type: SqlType, hasOrder: boolean, isInStruct: boolean): boolean {
  if (type.kind === 'ARRAY' && isArray(a) && isArray(b)) {
    const same = (x: ExactJson | undefined, y: ExactJson | undefined): boolean =>
      x !== undefined && y !== undefined && isSame(x, y, type.element, true, isInStruct);
    if (a.length !== b.length) return false;
    return hasOrder ? a.every((item, i) => same(item, b[i])) : a.every((item) => b.some((other) => same(item, other)));
  }
  if (type.kind === 'MAP' && isObject(a) && isObject(b)) {
    return (
      a.size === b.size &&
      [...a].every(([key, item]) => {
        const other = b.get(key);
        return other !== undefined && isSame(item, other, type.value, true, isInStruct);
      })
    );
  }
  if (type.kind === 'STRUCT' && isObject(a) && isObject(b)) {
    return (
      a.size === b.size &&
      type.fields.every((field) => {
        const [x, y] = [a.get(field.name), b.get(field.name)];
        return x !== undefined && y !== undefined && isSame(x, y, field.type, true, true);
      })
    );
  }
  if (a instanceof JsonNumber && b instanceof JsonNumber) {
    if (type.kind === 'DOUBLE') return isNear(Number(a.text), Number(b.text));
    // The server drops the last zeros of a DECIMAL inside a STRUCT.
    return a.text === b.text || (type.kind === 'DECIMAL' && isInStruct && Number(a.text) === Number(b.text));
  }
  return printExactJson(a) === printExactJson(b);
}

/** Libraries of mathematics may differ in the last bit. */
function isNear(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= Math.abs(a) * 2 ** -51;
}
