import type { SourceLocation } from '../../errors/sql-error.js';
import type { SqlType } from '../../types/sql-type.js';
import type { Decimal } from '../../types/decimal.js';

/**
 * The expression tree as written. Identifiers are already upper-cased unless they were quoted. Types named by the user
 * (custom types) are resolved by the analysis, not by the parser: see `TypeRef`.
 */
export type Expression =
  | NullLiteral
  | BooleanLiteral
  | IntegerLiteral
  | LongLiteral
  | DoubleLiteral
  | DecimalLiteral
  | StringLiteral
  | TimeLiteral
  | ColumnRef
  | QualifiedColumnRef
  | Arithmetic
  | ArithmeticUnary
  | Comparison
  | Logical
  | Not
  | IsNull
  | Between
  | InList
  | Like
  | SearchedCase
  | SimpleCase
  | Cast
  | FunctionCall
  | Subscript
  | Dereference
  | StructAll
  | CreateArray
  | CreateMap
  | CreateStruct
  | Lambda
  | IntervalUnit;

interface Node {
  readonly location?: SourceLocation | undefined;
}
export interface NullLiteral extends Node {
  readonly kind: 'null';
}
export interface BooleanLiteral extends Node {
  readonly kind: 'boolean';
  readonly value: boolean;
}
/** Fits 32 bits. */
export interface IntegerLiteral extends Node {
  readonly kind: 'integer';
  readonly value: number;
}
/** Fits 64 bits; normalised as SqlValue BIGINT. */
export interface LongLiteral extends Node {
  readonly kind: 'long';
  readonly value: number | bigint;
}
export interface DoubleLiteral extends Node {
  readonly kind: 'double';
  readonly value: number;
}
export interface DecimalLiteral extends Node {
  readonly kind: 'decimal';
  readonly value: Decimal;
}
export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}
/** DATE '…', TIME '…', TIMESTAMP '…'. */
export interface TimeLiteral extends Node {
  readonly kind: 'timeLiteral';
  readonly type: 'DATE' | 'TIME' | 'TIMESTAMP';
  readonly text: string;
}
export interface ColumnRef extends Node {
  readonly kind: 'column';
  readonly name: string;
}
export interface QualifiedColumnRef extends Node {
  readonly kind: 'qualifiedColumn';
  readonly source: string;
  readonly name: string;
}
export interface Arithmetic extends Node {
  readonly kind: 'arithmetic';
  readonly operator: '+' | '-' | '*' | '/' | '%';
  readonly left: Expression;
  readonly right: Expression;
}
export interface ArithmeticUnary extends Node {
  readonly kind: 'unary';
  readonly operator: '+' | '-';
  readonly operand: Expression;
}
export interface Comparison extends Node {
  readonly kind: 'comparison';
  readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';
  readonly left: Expression;
  readonly right: Expression;
}
export interface Logical extends Node {
  readonly kind: 'logical';
  readonly operator: 'AND' | 'OR';
  readonly left: Expression;
  readonly right: Expression;
}
export interface Not extends Node {
  readonly kind: 'not';
  readonly operand: Expression;
}
export interface IsNull extends Node {
  readonly kind: 'isNull';
  readonly operand: Expression;
  readonly negated: boolean;
}
export interface Between extends Node {
  readonly kind: 'between';
  readonly operand: Expression;
  readonly low: Expression;
  readonly high: Expression;
  readonly negated: boolean;
}
export interface InList extends Node {
  readonly kind: 'in';
  readonly operand: Expression;
  readonly items: readonly Expression[];
  readonly negated: boolean;
}
export interface Like extends Node {
  readonly kind: 'like';
  readonly operand: Expression;
  readonly pattern: Expression;
  readonly escape: string | undefined;
  readonly negated: boolean;
}
export interface WhenClause extends Node {
  readonly condition: Expression;
  readonly result: Expression;
}
export interface SearchedCase extends Node {
  readonly kind: 'searchedCase';
  readonly whens: readonly WhenClause[];
  readonly otherwise: Expression | undefined;
}
export interface SimpleCase extends Node {
  readonly kind: 'simpleCase';
  readonly operand: Expression;
  readonly whens: readonly WhenClause[];
  readonly otherwise: Expression | undefined;
}
export interface Cast extends Node {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly type: TypeRef;
}
/** `COUNT(*)` is a call with no arguments and `star: true`. `||` is parsed as a call of CONCAT with `operator: true`. */
export interface FunctionCall extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly star?: true;
  readonly operator?: true;
}
export interface Subscript extends Node {
  readonly kind: 'subscript';
  readonly base: Expression;
  readonly index: Expression;
}
/** `base->field`. */
export interface Dereference extends Node {
  readonly kind: 'dereference';
  readonly base: Expression;
  readonly field: string;
}
/** `base->*`, only as a select item. */
export interface StructAll extends Node {
  readonly kind: 'structAll';
  readonly base: Expression;
}
export interface CreateArray extends Node {
  readonly kind: 'createArray';
  readonly items: readonly Expression[];
}
export interface CreateMap extends Node {
  readonly kind: 'createMap';
  readonly entries: readonly { readonly key: Expression; readonly value: Expression }[];
}
export interface CreateStruct extends Node {
  readonly kind: 'createStruct';
  readonly fields: readonly { readonly name: string; readonly value: Expression }[];
}
export interface Lambda extends Node {
  readonly kind: 'lambda';
  readonly parameters: readonly string[];
  readonly body: Expression;
}
/** A bare time unit as function argument: DATEADD(DAYS, 1, d). */
export interface IntervalUnit extends Node {
  readonly kind: 'intervalUnit';
  readonly unit: TimeUnit;
}
export type TimeUnit = 'DAYS' | 'HOURS' | 'MINUTES' | 'SECONDS' | 'MILLISECONDS';

/** A type as written: a built-in type, or a custom type's name somewhere inside. */
export type TypeRef =
  | { readonly kind: 'builtin'; readonly type: SqlType }
  | { readonly kind: 'custom'; readonly name: string }
  | { readonly kind: 'array'; readonly element: TypeRef }
  | { readonly kind: 'map'; readonly key: TypeRef; readonly value: TypeRef }
  | { readonly kind: 'struct'; readonly fields: readonly { readonly name: string; readonly type: TypeRef }[] };
