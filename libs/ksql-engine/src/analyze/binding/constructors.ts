import { KsqlError } from '../../errors/sql-error.js';
import type { CreateArray, CreateMap, CreateStruct } from '../../syntax/ast/expression.js';
import { formatType, quoteIdentifier } from '../../types/format-type.js';
import { arrayType, mapType, structType } from '../../types/sql-type.js';
import type { BoundExpression } from '../bound-expression.js';
import { isTyped, type Binder } from './binder.js';
import { coerceTo, commonType } from './common-type.js';

const MORE = 'see https://github.com/confluentinc/ksql/issues/4239';

export function bindCreateArray(expression: CreateArray, binder: Binder): BoundExpression {
  const items = expression.items.map((item) => binder.bind(item));
  if (items.length === 0) {
    throw new KsqlError(`Array constructor cannot be empty. Please supply at least one element (${MORE}).`);
  }
  const element = commonType(items);
  if (element === undefined) {
    throw new KsqlError(
      `Cannot construct an array with all NULL elements (${MORE}). As a workaround, you may cast a NULL value to the desired type.`,
    );
  }
  return { kind: 'array', items: items.map((item) => coerceTo(item, element)), type: arrayType(element) };
}

export function bindCreateMap(expression: CreateMap, binder: Binder): BoundExpression {
  if (expression.entries.length === 0) {
    throw new KsqlError(`Map constructor cannot be empty. Please supply at least one key value pair (${MORE}).`);
  }
  const entries = expression.entries.map(({ key, value }) => ({ key: binder.bind(key), value: binder.bind(value) }));
  const key = commonType(entries.map((entry) => entry.key));
  const value = commonType(entries.map((entry) => entry.value));
  if (key === undefined) {
    throw new KsqlError(
      `Cannot construct a map with all NULL keys (${MORE}). As a workaround, you may cast a NULL key to the desired type.`,
    );
  }
  if (value === undefined) {
    throw new KsqlError(
      `Cannot construct a map with all NULL values (${MORE}). As a workaround, you may cast a NULL value to the desired type.`,
    );
  }
  return {
    kind: 'map',
    entries: entries.map((entry) => ({ key: coerceTo(entry.key, key), value: coerceTo(entry.value, value) })),
    type: mapType(key, value),
  };
}

export function bindCreateStruct(expression: CreateStruct, binder: Binder): BoundExpression {
  const fields = expression.fields.map(({ name, value }) => ({ name, value: binder.bind(value) }));
  const types = fields.map(({ name, value }) => {
    if (!isTyped(value)) {
      throw new KsqlError(
        `Can't infer a type of null for field ${quoteIdentifier(name)}. Please explicitly cast it to a required type, e.g. CAST(null AS VARCHAR).`,
      );
    }
    return { name, type: value.type };
  });
  for (const [i, field] of types.entries()) {
    const twin = types.slice(0, i).find((other) => other.name === field.name);
    if (twin === undefined) continue;
    const show = ({ name, type }: typeof field): string => `'${quoteIdentifier(name)} ${formatType(type)}'`;
    throw new KsqlError(`Duplicate field names found in STRUCT: ${show(twin)} and ${show(field)}`);
  }
  return { kind: 'struct', values: fields.map(({ value }) => value), type: structType(types) };
}
