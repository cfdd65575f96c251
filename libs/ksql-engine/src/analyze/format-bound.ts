import type { Decimal } from '../types/decimal.js';
import { formatType, quoteIdentifier } from '../types/format-type.js';
import { doubleToText } from '../types/java-double.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import { valueToText } from '../types/value-to-text.js';
import type { BoundArgument, BoundExpression } from './bound-expression.js';

/** A bound expression as SQL text, as messages and the processing log show it. Implicit conversions are not shown. */
export function formatBound(expression: BoundExpression): string {
  const format = FORMATS[expression.kind] as (node: BoundExpression) => string;
  return format(expression);
}

type Formats = {
  readonly [K in BoundExpression['kind']]: (node: Extract<BoundExpression, { kind: K }>) => string;
};

const binary = (node: { left: BoundExpression; operator: string; right: BoundExpression }): string =>
  `(${formatBound(node.left)} ${node.operator} ${formatBound(node.right)})`;
const negatable = (negated: boolean, text: string): string => (negated ? `(NOT (${text}))` : `(${text})`);
const list = (items: readonly BoundExpression[]): string => items.map(formatBound).join(', ');
const column = (node: { readonly name: string }): string => formatName(node.name);

const FORMATS: Formats = {
  literal: (node) => formatLiteral(node.value, node.type),
  keyColumn: column,
  valueColumn: column,
  pseudoColumn: column,
  lambdaVariable: column,
  arithmetic: binary,
  comparison: binary,
  logical: binary,
  negate: (node) => `-${formatBound(node.operand)}`,
  not: (node) => `(NOT ${formatBound(node.operand)})`,
  isNull: (node) => `(${formatBound(node.operand)} IS ${node.negated ? 'NOT ' : ''}NULL)`,
  between: (node) =>
    negatable(
      node.negated,
      `${formatBound(node.operand)} BETWEEN ${formatBound(node.low)} AND ${formatBound(node.high)}`,
    ),
  in: (node) => negatable(node.negated, `${formatBound(node.operand)} IN (${list(node.items)})`),
  like: (node) =>
    negatable(
      node.negated,
      `${formatBound(node.operand)} LIKE ${formatBound(node.pattern)}${node.escape === undefined ? '' : ` ESCAPE '${node.escape}'`}`,
    ),
  case: (node) =>
    [
      '(CASE',
      ...node.whens.map(({ condition, result }) => `WHEN ${formatBound(condition)} THEN ${formatBound(result)}`),
      ...(node.otherwise === undefined ? [] : [`ELSE ${formatBound(node.otherwise)}`]),
      'END)',
    ].join(' '),
  cast: (node) =>
    node.implicit || node.type === null
      ? formatBound(node.operand)
      : `CAST(${formatBound(node.operand)} AS ${formatType(node.type)})`,
  call: (node) => `${node.function}(${node.args.map(formatArgument).join(', ')})`,
  arrayElement: (node) => `${formatBound(node.base)}[${formatBound(node.index)}]`,
  mapValue: (node) => `${formatBound(node.base)}[${formatBound(node.key)}]`,
  structField: (node) => `${formatBound(node.base)}->${formatName(node.name)}`,
  array: (node) => `ARRAY[${list(node.items)}]`,
  map: (node) =>
    `MAP(${node.entries.map(({ key, value }) => `${formatBound(key)}:=${formatBound(value)}`).join(', ')})`,
  struct: (node) => {
    const fields = node.type?.kind === 'STRUCT' ? node.type.fields : [];
    return `STRUCT(${node.values.map((value, i) => `${fields[i]?.name ?? ''}:=${formatBound(value)}`).join(', ')})`;
  },
};

function formatArgument(argument: BoundArgument): string {
  switch (argument.kind) {
    case 'expression':
      return formatBound(argument.expression);
    case 'lambda': {
      const parameters = argument.parameters.map(formatName).join(', ');
      return `(${parameters}) => ${formatBound(argument.body)}`;
    }
    case 'unit':
      return argument.unit;
  }
}

/** Quoted only when it is a name that would be read in another case. */
function formatName(name: string): string {
  return /^[\w@]*[a-z][\w@]*$/.test(name) ? quoteIdentifier(name) : name;
}

function formatLiteral(value: SqlValue, type: SqlType | null): string {
  if (value === null || type === null) return 'null';
  switch (type.kind) {
    case 'STRING':
      return `'${(value as string).replaceAll("'", "''")}'`;
    case 'DOUBLE':
      return doubleToText(value as number);
    case 'DECIMAL':
      return (value as Decimal).toString();
    case 'BOOLEAN':
    case 'INTEGER':
    case 'BIGINT':
      return valueToText(value, type);
    default:
      return `'${valueToText(value, type)}'`;
  }
}
