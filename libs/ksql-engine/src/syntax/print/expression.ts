import type { Expression } from '../ast/expression.js';
import type { Decimal } from '../../types/decimal.js';
import { printIdentifier, printString } from './identifier.js';
import { printType } from './type.js';

type Printers = { readonly [K in Expression['kind']]: (node: Extract<Expression, { kind: K }>) => string };

/** Operators stand in parentheses of their own, so a printed tree is read back as the same tree. */
const printers: Printers = {
  null: () => 'null',
  boolean: (node) => String(node.value),
  integer: (node) => String(node.value),
  long: (node) => String(node.value),
  double: (node) => printDouble(node.value),
  decimal: (node) => printDecimal(node.value),
  string: (node) => printString(node.value),
  timeLiteral: (node) => `${node.type} ${printString(node.text)}`,
  column: (node) => printIdentifier(node.name),
  qualifiedColumn: (node) => `${printIdentifier(node.source)}.${printIdentifier(node.name)}`,
  arithmetic: (node) => printBinary(node.left, node.operator, node.right),
  unary: (node) => `${node.operator}${printSigned(node.operand)}`,
  comparison: (node) => printBinary(node.left, node.operator, node.right),
  logical: (node) => printBinary(node.left, node.operator, node.right),
  not: (node) => `(NOT ${printExpression(node.operand)})`,
  isNull: (node) => `(${printExpression(node.operand)} IS${node.negated ? ' NOT' : ''} NULL)`,
  between: (node) => {
    const bounds = `${printExpression(node.low)} AND ${printExpression(node.high)}`;
    return printPredicate(`${printExpression(node.operand)} BETWEEN ${bounds}`, node.negated);
  },
  in: (node) => printPredicate(`${printExpression(node.operand)} IN (${printList(node.items)})`, node.negated),
  like: (node) => {
    const escape = node.escape === undefined ? '' : ` ESCAPE ${printString(node.escape)}`;
    const like = `${printExpression(node.operand)} LIKE ${printExpression(node.pattern)}${escape}`;
    return printPredicate(like, node.negated);
  },
  searchedCase: (node) => printCase(undefined, node),
  simpleCase: (node) => printCase(node.operand, node),
  cast: (node) => `CAST(${printExpression(node.operand)} AS ${printType(node.type)})`,
  call: (node) => {
    const [left, right] = node.args;
    if (node.operator && left !== undefined && right !== undefined) return printBinary(left, '||', right);
    return `${printIdentifier(node.name)}(${node.star ? '*' : printList(node.args)})`;
  },
  subscript: (node) => `${printBase(node.base)}[${printExpression(node.index)}]`,
  dereference: (node) => `${printBase(node.base)}->${printIdentifier(node.field)}`,
  structAll: (node) => `${printBase(node.base)}->*`,
  createArray: (node) => `ARRAY[${printList(node.items)}]`,
  createMap: (node) => {
    const entries = node.entries.map(({ key, value }) => `${printExpression(key)}:=${printExpression(value)}`);
    return `MAP(${entries.join(', ')})`;
  },
  createStruct: (node) => {
    const fields = node.fields.map(({ name, value }) => `${printIdentifier(name)}:=${printExpression(value)}`);
    return `STRUCT(${fields.join(', ')})`;
  },
  lambda: (node) => {
    const names = node.parameters.map(printIdentifier);
    const parameters = names.length === 1 ? (names[0] ?? '') : `(${names.join(', ')})`;
    return `${parameters} => ${printExpression(node.body)}`;
  },
  intervalUnit: (node) => node.unit,
};

/** An expression as ksqlDB shows it; parsed again it gives the same tree. */
export function printExpression(node: Expression): string {
  return (printers[node.kind] as (node: Expression) => string)(node);
}

export function printList(nodes: readonly Expression[]): string {
  return nodes.map(printExpression).join(', ');
}

function printBinary(left: Expression, operator: string, right: Expression): string {
  return `(${printExpression(left)} ${operator} ${printExpression(right)})`;
}

function printPredicate(predicate: string, negated: boolean): string {
  return negated ? `(NOT (${predicate}))` : `(${predicate})`;
}

function printCase(
  operand: Expression | undefined,
  { whens, otherwise }: Pick<Extract<Expression, { kind: 'searchedCase' }>, 'whens' | 'otherwise'>,
): string {
  const subject = operand === undefined ? '' : ` ${printExpression(operand)}`;
  const arms = whens.map((when) => ` WHEN ${printExpression(when.condition)} THEN ${printExpression(when.result)}`);
  const rest = otherwise === undefined ? '' : ` ELSE ${printExpression(otherwise)}`;
  return `(CASE${subject}${arms.join('')}${rest} END)`;
}

/** After a sign another sign would begin a comment, and a number would take the sign as its own. */
function printSigned(operand: Expression): string {
  const text = printExpression(operand);
  return /^[-+.0-9]/.test(text) ? `(${text})` : text;
}

/** What `[…]` and `->` are applied to; they bind tighter than a sign. */
function printBase(base: Expression): string {
  const text = printExpression(base);
  return base.kind === 'unary' ? `(${text})` : text;
}

/** With an exponent, which makes it a DOUBLE: `1.5E0`, `1E3`. */
function printDouble(value: number): string {
  const text = value.toExponential().replace('e+', 'E').replace('e', 'E');
  return Object.is(value, -0) ? `-${text}` : text;
}

/** With a point, which makes it a DECIMAL: `1.50`, `3.`. */
function printDecimal(value: Decimal): string {
  const text = value.toString();
  return text.includes('.') ? text : `${text}.`;
}
