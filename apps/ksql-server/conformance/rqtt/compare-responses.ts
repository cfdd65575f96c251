import {
  isArray,
  isObject,
  JsonNumber,
  printExactJson,
  type ExactJson,
} from '../../../../libs/ksql-engine/conformance/exact-json.js';

import { readProtobufRows } from './protobuf-rows.js';

/** What a run answered, in the order of the statements. */
export type Response =
  | { readonly kind: 'admin'; readonly entity: ExactJson }
  | { readonly kind: 'query'; readonly rows: readonly ExactJson[] }
  | { readonly kind: 'queryProto'; readonly rows: readonly ExactJson[] };

/** Why the answers are not the expected ones (expected fields are a subset of the actual ones), or undefined. */
export function responsesDifference(
  expected: readonly ReadonlyMap<string, ExactJson>[],
  actual: readonly Response[],
  statements: readonly string[],
  verifiesOrder: boolean,
): string | undefined {
  if (actual.length < expected.length) return `expected ${expected.length} responses, got ${actual.length}`;
  for (const [index, wanted] of expected.entries()) {
    const got = actual[index]!;
    const where = `response ${index}`;
    const admin = wanted.get('admin');
    const query = wanted.get('query') ?? wanted.get('queryProto');
    const kind = wanted.has('queryProto') ? 'queryProto' : 'query';
    const statement = statements[index] ?? '';
    const why =
      admin !== undefined
        ? got.kind === 'admin'
          ? subsetDifference(admin, got.entity, where, statement)
          : `${where}: expected an entity`
        : isArray(query)
          ? got.kind === 'admin'
            ? `${where}: expected rows, got ${printExactJson(got.entity)}`
            : got.kind === kind
              ? rowsDifference(query, got.rows, where, statement, verifiesOrder)
              : `${where}: expected rows of ${kind}`
          : undefined;
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Why the rows of one query are not the expected ones. */
export function rowsDifference(
  expected: readonly ExactJson[],
  actual: readonly ExactJson[],
  where: string,
  statement: string,
  verifiesOrder: boolean,
): string | undefined {
  if (expected.some(isProtobufHeader)) expected = readProtobufRows(expected);
  const all = () =>
    `\nexpected ${expected.map(printExactJson).join('\n         ')}\ngot      ${actual.map(printExactJson).join('\n         ')}`;
  if (expected.length !== actual.length)
    return `${where}: expected ${expected.length} rows, got ${actual.length}${all()}`;
  if (!verifiesOrder) {
    const columns = (rows: readonly ExactJson[]) => rows.filter(isRow).map(columnsText).sort().join('\n');
    if (columns(expected) !== columns(actual)) return `${where}: rows differ${all()}`;
  }
  for (const [index, wanted] of expected.entries()) {
    const got = actual[index] ?? null;
    if (!verifiesOrder && isRow(wanted) && isRow(got)) continue;
    const why = subsetDifference(wanted, got, `${where}[${index}]`, statement);
    if (why !== undefined) return why + all();
  }
  return undefined;
}

const isProtobufHeader = (node: ExactJson): boolean => {
  const header = isObject(node) ? node.get('header') : undefined;
  return isObject(header) && header.has('protoSchema');
};

const isRow = (node: ExactJson): node is ReadonlyMap<string, ExactJson> => isObject(node) && node.has('row');

/** Columns and the mark of a deletion, as text. */
function columnsText(node: ReadonlyMap<string, ExactJson>): string {
  const row = node.get('row');
  if (!isObject(row)) return printExactJson(row ?? null);
  return canonical(row.get('columns') ?? null) + (row.get('tombstone') === true ? ' tombstone' : '');
}

function subsetDifference(expected: ExactJson, actual: ExactJson, path: string, statement: string): string | undefined {
  if (!isObject(expected)) {
    const wanted = typeof expected === 'string' ? expected.replaceAll('{STATEMENT}', statement) : expected;
    return canonical(wanted) === canonical(actual)
      ? undefined
      : `${path}: expected ${printExactJson(wanted)}, got ${printExactJson(actual)}`;
  }
  if (!isObject(actual)) return `${path}: expected ${printExactJson(expected)}, got ${printExactJson(actual)}`;
  for (const [key, wanted] of expected) {
    const [name = '', operator] = key.split('|');
    const got = actual.get(name);
    if (got === undefined) return `${path}.${name}: missing`;
    if (operator === 'starts_with') {
      if (typeof got !== 'string' || typeof wanted !== 'string' || !got.startsWith(wanted))
        return `${path}.${name}: expected a text that starts with ${printExactJson(wanted)}, got ${printExactJson(got)}`;
      continue;
    }
    const inner = subsetDifference(wanted, got, `${path}.${name}`, statement);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** A text that is the same for equal trees: fields ordered, numbers by value and scale. */
function canonical(node: ExactJson): string {
  if (node instanceof JsonNumber) return numberText(node.text);
  if (isArray(node)) return `[${node.map(canonical).join(',')}]`;
  if (isObject(node)) {
    const entries = [...node].map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`);
    return `{${entries.sort().join(',')}}`;
  }
  return JSON.stringify(node);
}

/** Unscaled value and scale, as exact decimals compare. */
function numberText(text: string): string {
  const [mantissa = '0', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return `${BigInt(whole + fraction)}e${Number(exponent) - fraction.length}`;
}
