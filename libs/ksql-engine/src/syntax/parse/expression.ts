import type { Expression, FunctionCall, Lambda, TimeUnit, WhenClause } from '../ast/expression.js';
import type { SourceLocation } from '../../errors/sql-error.js';
import { must } from '../../errors/assert.js';
import { identifierName, isIdentifier, stringValue } from '../token.js';
import type { Cursor } from './cursor.js';
import { isNumber, parseDecimal, parseNumber, reportUndefinedVariable } from './literal.js';
import { parseTypeRef } from './type.js';

/*
 * expression:  OR of ANDs of [NOT] predicates
 * predicate:   value [ comparison | BETWEEN | IN | LIKE | IS … ]    at most one, they do not chain
 * value:       binary operators by power: || below + - below * / %; unary sign above them
 * primary:     literal, name, call, CASE, CAST, constructor, ( expression ); then any of [index] and ->field
 */

/** Where the operands of each binary operator end: a higher power binds tighter. */
const binaryPower: ReadonlyMap<string, number> = new Map([
  ['||', 1],
  ['+', 2],
  ['-', 2],
  ['*', 3],
  ['/', 3],
  ['%', 3],
]);
const comparisons: ReadonlyMap<string, '=' | '<>' | '<' | '<=' | '>' | '>='> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
] as const);
/** Units as arguments; the other singular forms are names of columns there. */
const argumentUnits: ReadonlyMap<string, TimeUnit> = new Map<string, TimeUnit>([
  ['DAYS', 'DAYS'],
  ['HOURS', 'HOURS'],
  ['MINUTES', 'MINUTES'],
  ['SECONDS', 'SECONDS'],
  ['MILLISECONDS', 'MILLISECONDS'],
  ['MILLISECOND', 'MILLISECONDS'],
]);

/**
 * expression: and ( OR and )*
 *
 * @param first the atom that the expression begins with, where it is parsed already
 */
export function parseExpression(cursor: Cursor, first?: Expression): Expression {
  return cursor.nested(() => {
    let left = parseAnd(cursor, first);
    while (cursor.at('OR')) {
      const { location } = cursor;
      cursor.next();
      left = { kind: 'logical', operator: 'OR', left, right: parseAnd(cursor), location };
    }
    return left;
  });
}

/** and: not ( AND not )* */
function parseAnd(cursor: Cursor, first?: Expression): Expression {
  let left = parseNot(cursor, first);
  while (cursor.at('AND')) {
    const { location } = cursor;
    cursor.next();
    left = { kind: 'logical', operator: 'AND', left, right: parseNot(cursor), location };
  }
  return left;
}

/** not: NOT not | predicate */
function parseNot(cursor: Cursor, first?: Expression): Expression {
  const { location } = cursor;
  if (first !== undefined || !cursor.accept('NOT')) return parsePredicate(cursor, first);
  return cursor.nested(() => ({ kind: 'not', operand: parseNot(cursor), location }));
}

/**
 * predicate: value [ ( = | <> | != | < | <= | > | >= ) value
 *                  | IS [NOT] NULL | IS [NOT] DISTINCT FROM value
 *                  | [NOT] BETWEEN value AND value | [NOT] IN ( expression , … ) | [NOT] LIKE value [ESCAPE 'c'] ]
 */
function parsePredicate(cursor: Cursor, first?: Expression): Expression {
  const operand = parseValue(cursor, 1, first);
  const { location } = cursor;
  const operator = comparisons.get(cursor.token.word);
  if (operator !== undefined) {
    cursor.next();
    return { kind: 'comparison', operator, left: operand, right: parseValue(cursor), location };
  }
  switch (cursor.token.word) {
    case 'IS':
      return parseIs(cursor, operand, location);
    case 'NOT':
    case 'BETWEEN':
    case 'IN':
    case 'LIKE':
      return parseNegatablePredicate(cursor, operand, location);
    default:
      return operand;
  }
}

function parseIs(cursor: Cursor, operand: Expression, location: SourceLocation): Expression {
  const doubt = cursor.undecided();
  cursor.require('IS');
  const negated = cursor.accept('NOT');
  if (cursor.accept('NULL')) {
    if (doubt) cursor.decided();
    return { kind: 'isNull', operand, negated, location };
  }
  cursor.require('DISTINCT');
  if (doubt) cursor.decided();
  cursor.require('FROM');
  const operator = negated ? 'IS NOT DISTINCT FROM' : 'IS DISTINCT FROM';
  return { kind: 'comparison', operator, left: operand, right: parseValue(cursor), location };
}

function parseNegatablePredicate(cursor: Cursor, operand: Expression, location: SourceLocation): Expression {
  const doubt = cursor.undecided();
  const negated = cursor.accept('NOT');
  if (cursor.accept('BETWEEN')) {
    if (doubt) cursor.decided();
    const low = parseValue(cursor);
    cursor.require('AND');
    return negate({ kind: 'between', operand, low, high: parseValue(cursor), negated: false, location }, negated);
  }
  if (cursor.accept('IN')) {
    if (doubt) cursor.decided();
    cursor.require('(');
    const items = cursor.list(() => parseExpression(cursor));
    cursor.require(')');
    return negate({ kind: 'in', operand, items, negated: false, location }, negated);
  }
  cursor.require('LIKE');
  if (doubt) cursor.decided();
  const pattern = parseValue(cursor);
  return negate({ kind: 'like', operand, pattern, escape: parseEscape(cursor), negated: false, location }, negated);
}

/** `a NOT IN b` is the same as `NOT a IN b`, and ksqlDB shows it so. */
function negate(predicate: Expression, negated: boolean): Expression {
  return negated ? { kind: 'not', operand: predicate, location: predicate.location } : predicate;
}

/** `[ESCAPE 'c']` */
function parseEscape(cursor: Cursor): string | undefined {
  if (!cursor.at('ESCAPE') || cursor.peek(1).kind !== 'string') return undefined;
  cursor.next();
  const { location } = cursor;
  const escape = cursor.string();
  if (escape.length !== 1) {
    const place = `Optional[Line: ${location.line}, Col: ${location.column + 1}]`;
    cursor.reportPrepare(`${place}: Expected single character escape but got: ${escape}`);
  }
  return escape;
}

/** value: unary ( ( || | + | - | * | / | % ) unary )*, by power; operators of one power group to the left. */
export function parseValue(cursor: Cursor, powerMin = 1, first?: Expression): Expression {
  let left = first === undefined ? parseUnary(cursor) : parsePostfix(cursor, first);
  for (;;) {
    const { word } = cursor.token;
    const power = binaryPower.get(word);
    if (power === undefined || power < powerMin) return left;
    const { location } = cursor;
    cursor.next();
    const right = parseValue(cursor, power + 1);
    left =
      word === '||'
        ? { kind: 'call', name: 'CONCAT', args: [left, right], operator: true, location }
        : { kind: 'arithmetic', operator: word as '+' | '-' | '*' | '/' | '%', left, right, location };
  }
}

/** unary: ( + | - ) unary | primary. The minus of a number belongs to the number. */
function parseUnary(cursor: Cursor): Expression {
  const { location, token } = cursor;
  if ((token.word === '-' && !isNumber(cursor.peek(1))) || token.word === '+') {
    cursor.next();
    const operator = token.word === '-' ? '-' : '+';
    return cursor.nested(() => ({ kind: 'unary', operator, operand: parseUnary(cursor), location }));
  }
  return parsePrimary(cursor);
}

/**
 * primary: atom ( [ value ] | -> name )*. A `->*` is left for the select list: until the end of its first primary it is
 * undecided what a select item is.
 */
function parsePrimary(cursor: Cursor): Expression {
  const decides = cursor.isUndecidedHere;
  const primary = parsePostfix(cursor, parseAtom(cursor));
  if (decides) cursor.decided();
  return primary;
}

function parsePostfix(cursor: Cursor, atom: Expression): Expression {
  let base = atom;
  for (;;) {
    const { location, token } = cursor;
    if (token.word === '[') {
      cursor.next();
      const index = cursor.nested(() => parseValue(cursor));
      cursor.sync();
      cursor.require(']');
      base = { kind: 'subscript', base, index, location };
    } else if (token.word === '->' && cursor.peek(1).word !== '*') {
      cursor.next();
      base = { kind: 'dereference', base, field: cursor.identifier(), location };
    } else {
      return base;
    }
  }
}

function parseAtom(cursor: Cursor): Expression {
  const { location, token } = cursor;
  switch (token.kind) {
    case 'string':
      cursor.next();
      return { kind: 'string', value: stringValue(token), location };
    case 'integer':
    case 'decimal':
    case 'double':
      return parseNumber(cursor);
    case 'keyword':
    case 'symbol':
      return parseKeywordAtom(cursor, location);
    case 'identifier':
    case 'digitIdentifier':
    case 'backquotedIdentifier':
    case 'quotedIdentifier':
      return parseNamed(cursor, location);
    case 'variable':
      cursor.next();
      return reportUndefinedVariable(cursor, token);
    default:
      return cursor.fail('expression');
  }
}

function parseKeywordAtom(cursor: Cursor, location: SourceLocation): Expression {
  switch (cursor.token.word) {
    case '(':
      return parseParenthesized(cursor);
    case '-':
      return parseNumber(cursor);
    case 'NULL':
      cursor.next();
      return { kind: 'null', location };
    case 'TRUE':
    case 'FALSE':
      return { kind: 'boolean', value: cursor.next().word === 'TRUE', location };
    case 'CASE':
      return parseCase(cursor);
    case 'CAST':
      return parseCast(cursor);
    case 'ARRAY':
      if (cursor.peek(1).word === '[') return parseArray(cursor);
      break;
    case 'MAP':
      if (cursor.peek(1).word === '(' && startsMapEntry(cursor)) return parseMap(cursor);
      break;
    case 'STRUCT':
      if (cursor.peek(1).word === '(' && startsStructField(cursor)) return parseStruct(cursor);
      break;
  }
  if (!isIdentifier(cursor.token)) cursor.fail('expression');
  return parseNamed(cursor, location);
}

/**
 * ( expression ). A run of parentheses is taken in one go, and what follows the inner ones continues the outer ones: a long
 * chain of operators, printed as `((((a + b) + c) + …`, is read back without going down for each of them.
 */
function parseParenthesized(cursor: Cursor): Expression {
  let open = 0;
  while (cursor.accept('(')) open++;
  let inner: Expression | undefined;
  for (; open > 0; open--) {
    inner = parseExpression(cursor, inner);
    cursor.sync();
    cursor.require(')');
  }
  return must(inner, 'parenthesis');
}

/** named: name 'text' | name ( arguments ) | name . name | name */
function parseNamed(cursor: Cursor, location: SourceLocation): Expression {
  const { token } = cursor;
  const name = identifierName(cursor.next());
  if (cursor.token.kind === 'string') return parseTypedLiteral(cursor, name, location);
  if (cursor.token.word === '(') return parseCall(cursor, name, location);
  if (cursor.token.word === '.' && isIdentifier(cursor.peek(1))) {
    cursor.next();
    return { kind: 'qualifiedColumn', source: name, name: identifierName(cursor.next()), location };
  }
  if (token.kind === 'variable') return reportUndefinedVariable(cursor, token);
  return { kind: 'column', name, location };
}

/** `DECIMAL '1.50'` is the only literal of this form that has a value. */
function parseTypedLiteral(cursor: Cursor, typeName: string, location: SourceLocation): Expression {
  const text = stringValue(cursor.next()).trim();
  if (typeName !== 'DECIMAL') {
    const place = `Optional[Line: ${location.line}, Col: ${location.column + 1}]`;
    cursor.reportPrepare(`Unknown type: ${typeName}, location:${place}`);
  } else if (!/^[-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)$/.test(text) || text.length > 1000) {
    cursor.reportPrepare(`Invalid numeric literal: ${text}`);
  } else {
    return { kind: 'decimal', value: parseDecimal(text), location };
  }
  return { kind: 'null', location };
}

/** call: name ( * ) | name ( [ argument , … ] ) */
function parseCall(cursor: Cursor, name: string, location: SourceLocation): FunctionCall {
  cursor.require('(');
  if (cursor.token.word === '*' && cursor.peek(1).word === ')') {
    cursor.next();
    cursor.next();
    return { kind: 'call', name, args: [], star: true, location };
  }
  if (cursor.accept(')')) return { kind: 'call', name, args: [], location };
  const args = cursor.list(() => parseArgument(cursor));
  cursor.require(')');
  return { kind: 'call', name, args, location };
}

/** argument: unit | lambda | expression */
function parseArgument(cursor: Cursor): Expression {
  const { location } = cursor;
  const unit = argumentUnits.get(cursor.token.word);
  if (unit !== undefined) {
    cursor.next();
    return { kind: 'intervalUnit', unit, location };
  }
  return parseLambda(cursor) ?? parseExpression(cursor);
}

/** lambda: name => expression | ( name , … ) => expression */
function parseLambda(cursor: Cursor): Lambda | undefined {
  let ahead = 0;
  const names: string[] = [];
  const parenthesized = cursor.token.word === '(';
  if (parenthesized) ahead++;
  for (;;) {
    const token = cursor.peek(ahead++);
    if (!isIdentifier(token)) return undefined;
    names.push(identifierName(token));
    if (!parenthesized || cursor.peek(ahead).word !== ',') break;
    ahead++;
  }
  if (parenthesized && cursor.peek(ahead++).word !== ')') return undefined;
  if (cursor.peek(ahead++).word !== '=>') return undefined;
  const { location } = cursor;
  for (let skipped = 0; skipped < ahead; skipped++) cursor.next();
  if (new Set(names).size !== names.length) {
    cursor.reportPrepare(`Lambda arguments have duplicates: [${names.join(', ')}]`);
  }
  return { kind: 'lambda', parameters: names, body: parseExpression(cursor), location };
}

/** CASE [expression] ( WHEN expression THEN expression )+ [ELSE expression] END */
function parseCase(cursor: Cursor): Expression {
  const { location } = cursor;
  cursor.require('CASE');
  const operand = cursor.at('WHEN') ? undefined : parseExpression(cursor);
  const whens: WhenClause[] = [];
  cursor.sync();
  if (!cursor.at('WHEN')) cursor.fail();
  while (cursor.accept('WHEN')) {
    const condition = parseExpression(cursor);
    cursor.sync();
    cursor.require('THEN');
    whens.push({ condition, result: parseExpression(cursor) });
    cursor.sync();
  }
  const otherwise = cursor.accept('ELSE') ? parseExpression(cursor) : undefined;
  cursor.require('END');
  return operand === undefined
    ? { kind: 'searchedCase', whens, otherwise, location }
    : { kind: 'simpleCase', operand, whens, otherwise, location };
}

/** CAST ( expression AS type ) */
function parseCast(cursor: Cursor): Expression {
  const { location } = cursor;
  cursor.require('CAST');
  cursor.require('(');
  const operand = parseExpression(cursor);
  cursor.sync();
  cursor.require('AS');
  const type = parseTypeRef(cursor);
  cursor.require(')');
  return { kind: 'cast', operand, type, location };
}

/** ARRAY [ [ expression , … ] ] */
function parseArray(cursor: Cursor): Expression {
  const { location } = cursor;
  cursor.require('ARRAY');
  cursor.require('[');
  if (cursor.accept(']')) return { kind: 'createArray', items: [], location };
  const items = cursor.list(() => parseExpression(cursor));
  cursor.require(']');
  return { kind: 'createArray', items, location };
}

/** MAP ( [ expression := expression , … ] ) */
function parseMap(cursor: Cursor): Expression {
  const { location } = cursor;
  cursor.require('MAP');
  cursor.require('(');
  if (cursor.accept(')')) return { kind: 'createMap', entries: [], location };
  const entries = cursor.list(() => {
    const key = parseExpression(cursor);
    cursor.sync();
    cursor.require(':=');
    return { key, value: parseExpression(cursor) };
  });
  cursor.require(')');
  return { kind: 'createMap', entries, location };
}

/** Whether `MAP (` goes on with `:=` before a comma or its end; otherwise it is a call of a function MAP. */
function startsMapEntry(cursor: Cursor): boolean {
  for (let ahead = 2; ; ahead++) {
    const { kind, word } = cursor.peek(ahead);
    if (word === ':=') return true;
    if (word === '(' || word === '[') ahead = cursor.partnerOf(ahead);
    else if (word === ')') return ahead === 2;
    else if (kind === 'end' || word === ';' || word === ',' || word === ']') return false;
  }
}

/** STRUCT ( [ name := expression , … ] ) */
function parseStruct(cursor: Cursor): Expression {
  const { location } = cursor;
  cursor.require('STRUCT');
  cursor.require('(');
  if (cursor.accept(')')) return { kind: 'createStruct', fields: [], location };
  const fields = cursor.list(() => {
    const name = cursor.identifier();
    cursor.sync();
    cursor.require(':=');
    return { name, value: parseExpression(cursor) };
  });
  cursor.require(')');
  return { kind: 'createStruct', fields, location };
}

function startsStructField(cursor: Cursor): boolean {
  const first = cursor.peek(2);
  return first.word === ')' || (isIdentifier(first) && cursor.peek(3).word === ':=');
}
