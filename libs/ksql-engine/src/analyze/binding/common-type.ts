import { KsqlError } from '../../errors/sql-error.js';
import { castConversion } from '../../types/cast.js';
import { commonNumericType, isNumeric, isTemporal } from '../../types/coercion.js';
import { parseDecimal } from '../../types/decimal-math.js';
import { formatType } from '../../types/format-type.js';
import { parseInt64 } from '../../types/integer-math.js';
import {
  arrayType,
  BIGINT,
  INTEGER,
  mapType,
  sameType,
  STRING,
  structType,
  type SqlType,
  type StructField,
} from '../../types/sql-type.js';
import { textToBoolean } from '../../types/text-to-value.js';
import type { BoundExpression } from '../bound-expression.js';
import { formatBound } from '../format-bound.js';
import { isTyped, type Typed } from './binder.js';
import { literal, NULL_LITERAL, typeOfDecimal, type BoundLiteral } from './literals.js';

/**
 * Lists of expressions that must be of one type: ARRAY[], the keys and values of MAP(), IN. The first one that is not NULL
 * decides the family. Literals adapt: texts that hold a number join numbers, every literal joins texts; numbers widen;
 * ARRAY, MAP and STRUCT adapt element by element, a STRUCT takes the union of the fields.
 */
export function commonType(expressions: readonly BoundExpression[]): SqlType | undefined {
  let common: SqlType | undefined;
  for (const expression of expressions) {
    if (!isTyped(expression)) continue;
    common = common === undefined ? expression.type : join(common, expression);
  }
  return common;
}

/** The narrowest type that takes both. @throws KsqlError when there is none */
function join(common: SqlType, expression: Typed): SqlType {
  const joined = tryJoin(common, expression);
  if (joined !== undefined) return joined;
  throw new KsqlError(
    `operator does not exist: ${formatType(common)} = ${formatType(expression.type)} (${formatBound(expression)})\n` +
      'Hint: You might need to add explicit type casts.',
  );
}

/** @throws KsqlError only for a literal whose text does not fit, wherever it is nested */
function tryJoin(common: SqlType, expression: BoundExpression): SqlType | undefined {
  if (!isTyped(expression)) return common;
  const { type } = expression;
  if (common.kind === 'STRING') return type.kind === 'STRING' || isPlainLiteral(expression) ? STRING : undefined;
  if (expression.kind === 'literal' && typeof expression.value === 'string') {
    return joinText(common, expression.value);
  }
  if (isNumeric(common)) return isNumeric(type) ? commonNumericType(common, type) : undefined;
  if (common.kind === 'ARRAY' && type.kind === 'ARRAY') {
    const element = joinAll(
      common.element,
      expression.kind === 'array' ? expression.items : [placeholder(type.element)],
    );
    return element && arrayType(element);
  }
  if (common.kind === 'MAP' && type.kind === 'MAP') {
    const entries =
      expression.kind === 'map' ? expression.entries : [{ key: placeholder(type.key), value: placeholder(type.value) }];
    const key = joinAll(
      common.key,
      entries.map((entry) => entry.key),
    );
    const value = joinAll(
      common.value,
      entries.map((entry) => entry.value),
    );
    return key && value && mapType(key, value);
  }
  if (common.kind === 'STRUCT' && type.kind === 'STRUCT') {
    const values =
      expression.kind === 'struct' ? expression.values : type.fields.map((field) => placeholder(field.type));
    return joinStructs(common.fields, type.fields, values);
  }
  return sameType(common, type) ? common : undefined;
}

function joinAll(common: SqlType, expressions: readonly BoundExpression[]): SqlType | undefined {
  let joined: SqlType | undefined = common;
  for (const expression of expressions) joined = joined && tryJoin(joined, expression);
  return joined;
}

function joinStructs(
  common: readonly StructField[],
  fields: readonly StructField[],
  values: readonly BoundExpression[],
): SqlType | undefined {
  const joined = new Map(common.map((field) => [field.name, field.type]));
  for (const [i, { name, type }] of fields.entries()) {
    const known = joined.get(name);
    const result = known === undefined ? type : tryJoin(known, values[i] ?? placeholder(type));
    if (result === undefined) return undefined;
    joined.set(name, result);
  }
  return structType([...joined].map(([name, type]) => ({ name, type })));
}

/** Stands for a value of a type that is no literal. */
const placeholder = (type: SqlType): BoundExpression => ({ kind: 'lambdaVariable', name: '', type });

function isPlainLiteral(expression: BoundExpression): boolean {
  return expression.kind === 'literal' && expression.value !== null;
}

/** The type after a text literal has joined. @throws KsqlError when the text does not fit the family */
function joinText(common: SqlType, text: string): SqlType | undefined {
  if (isNumeric(common)) return commonNumericType(common, typeOfNumberText(common, text));
  if (common.kind === 'BOOLEAN') {
    if (!isBooleanText(text)) throw invalidSyntax(common, text);
    return common;
  }
  if (!isTemporal(common)) return undefined;
  convertLiteral(literal(text, STRING), common);
  return common;
}

/** Plain digits are INTEGER or BIGINT, a point or an exponent makes a DECIMAL. */
function typeOfNumberText(common: SqlType, text: string): SqlType {
  const trimmed = text.trim();
  try {
    if (/[.eE]/.test(trimmed)) return typeOfDecimal(parseDecimal(trimmed));
    const value = parseInt64(trimmed);
    return typeof value === 'number' && (value | 0) === value ? INTEGER : BIGINT;
  } catch {
    throw invalidSyntax(common, text);
  }
}

/** `true`, `yes`, `false`, `no` and their beginnings. */
function isBooleanText(text: string): boolean {
  const word = text.trim().toLowerCase();
  return word !== '' && ['true', 'yes', 'false', 'no'].some((candidate) => candidate.startsWith(word));
}

function invalidSyntax(type: SqlType, text: string): KsqlError {
  return new KsqlError(`invalid input syntax for type ${formatType(type)}: "${text}".`);
}

/** A literal as one of the target type. @throws KsqlError when its value does not fit */
function convertLiteral(expression: BoundLiteral, target: SqlType): BoundLiteral {
  const { type, value } = expression;
  if (value === null || type === null || sameType(type, target)) return literal(value, target);
  if (target.kind === 'BOOLEAN' && typeof value === 'string') return literal(textToBoolean(value), target);
  const convert = castConversion(type, target);
  if (convert !== undefined) {
    try {
      return literal(convert(value), target);
    } catch {
      // falls through to the refusal
    }
  }
  throw invalidSyntax(target, String(value));
}

/** The expression as one of the target type: literals and constructors adapt in place, others get an implicit cast. */
export function coerceTo(expression: BoundExpression, target: SqlType): BoundExpression {
  if (!isTyped(expression)) return expression.kind === 'literal' ? NULL_LITERAL : { ...expression, type: target };
  if (sameType(expression.type, target)) return expression;
  if (expression.kind === 'literal') return convertLiteral(expression, target);
  if (expression.kind === 'array' && target.kind === 'ARRAY') {
    return { ...expression, items: expression.items.map((item) => coerceTo(item, target.element)), type: target };
  }
  if (expression.kind === 'map' && target.kind === 'MAP') {
    const entries = expression.entries.map(({ key, value }) => ({
      key: coerceTo(key, target.key),
      value: coerceTo(value, target.value),
    }));
    return { ...expression, entries, type: target };
  }
  if (expression.kind === 'struct' && target.kind === 'STRUCT' && expression.type.kind === 'STRUCT') {
    const { fields } = expression.type;
    const values = target.fields.map(({ name, type }) => {
      const value = expression.values[fields.findIndex((field) => field.name === name)];
      return value === undefined ? NULL_LITERAL : coerceTo(value, type);
    });
    return { ...expression, values, type: target };
  }
  return { kind: 'cast', operand: expression, implicit: true, type: target };
}
