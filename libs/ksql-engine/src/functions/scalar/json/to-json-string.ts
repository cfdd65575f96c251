import { formatDate, formatTime, formatTimestamp } from '../../../types/civil-date.js';
import { doubleToText } from '../../../types/java-double.js';
import { STRING, type SqlType } from '../../../types/sql-type.js';
import type { SqlArray, SqlMap, SqlValue } from '../../../types/sql-value.js';
import { valueToText } from '../../../types/value-to-text.js';
import { inKeyOrder } from '../../order.js';
import { quoteJson } from '../../json/render-json.js';
import { generic, param, scalarFunction } from '../../signature.js';

type Renderer = (value: NonNullable<SqlValue>) => string;

/** NULL has a text too. */
function rendererOf(type: SqlType): (value: SqlValue) => string {
  const render = valueRenderer(type);
  return (value) => (value === null ? 'null' : render(value));
}

function valueRenderer(type: SqlType): Renderer {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
    case 'DECIMAL':
      return String;
    case 'DOUBLE':
      return (value) => (Number.isFinite(value) ? doubleToText(value as number) : `"${doubleToText(value as number)}"`);
    case 'STRING':
      return (value) => quoteJson(value as string);
    case 'BYTES':
      return (value) => `"${valueToText(value, type)}"`;
    case 'DATE':
      return (value) => `"${formatDate(value as number)}"`;
    case 'TIME':
      return (value) => `"${formatTime(value as number)}"`;
    case 'TIMESTAMP':
      return (value) => `"${formatTimestamp(value as number)}"`;
    case 'ARRAY': {
      const element = rendererOf(type.element);
      return (value) => `[${(value as SqlArray).map(element).join(',')}]`;
    }
    case 'MAP': {
      const item = rendererOf(type.value);
      const keyText = (key: SqlValue) => quoteJson(key === null ? 'null' : valueToText(key, type.key));
      return (value) =>
        `{${inKeyOrder(value as SqlMap)
          .map(([key, v]) => `${keyText(key)}:${item(v)}`)
          .join(',')}}`;
    }
    case 'STRUCT': {
      const fields = type.fields
        .map(({ name, type: fieldType }, index) => ({
          name,
          index,
          prefix: `${quoteJson(name)}:`,
          render: rendererOf(fieldType),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return (value) =>
        `{${fields.map(({ index, prefix, render }) => prefix + render((value as SqlArray)[index] ?? null)).join(',')}}`;
    }
  }
}

export const toJsonString = scalarFunction(
  'TO_JSON_STRING',
  'JSON',
  'The value as JSON text, fields and keys in alphabetical order.',
  [
    {
      parameters: [param('input', generic('T'))],
      returns: STRING,
      nullOnNull: false,
      bind: (types) => {
        const render = types[0] ? rendererOf(types[0]) : () => 'null';
        return (args) => render(args[0] as SqlValue);
      },
    },
  ],
);
