import type { TimeUnit } from '../syntax/ast/expression.js';
import type { SqlType } from '../types/sql-type.js';
import type { SqlValue } from '../types/sql-value.js';
import type { PseudoColumn } from '../catalog/schema.js';

/**
 * An expression after analysis: names resolved to places in a record, functions resolved to overloads, implicit
 * conversions made explicit, every node typed. Plain data, so that a plan can be stored. `type` null is the untyped NULL.
 */
export type BoundExpression = { readonly type: SqlType | null } & BoundNode;

export type BoundNode =
  | { readonly kind: 'literal'; readonly value: SqlValue }
  | { readonly kind: 'keyColumn'; readonly index: number; readonly name: string }
  | { readonly kind: 'valueColumn'; readonly index: number; readonly name: string }
  | { readonly kind: 'pseudoColumn'; readonly name: PseudoColumn }
  | { readonly kind: 'lambdaVariable'; readonly name: string }
  | {
      readonly kind: 'arithmetic';
      readonly operator: '+' | '-' | '*' | '/' | '%';
      readonly left: BoundExpression;
      readonly right: BoundExpression;
    }
  | { readonly kind: 'negate'; readonly operand: BoundExpression }
  | {
      readonly kind: 'comparison';
      readonly operator: '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';
      readonly left: BoundExpression;
      readonly right: BoundExpression;
    }
  | {
      readonly kind: 'logical';
      readonly operator: 'AND' | 'OR';
      readonly left: BoundExpression;
      readonly right: BoundExpression;
    }
  | { readonly kind: 'not'; readonly operand: BoundExpression }
  | { readonly kind: 'isNull'; readonly operand: BoundExpression; readonly negated: boolean }
  | {
      readonly kind: 'between';
      readonly operand: BoundExpression;
      readonly low: BoundExpression;
      readonly high: BoundExpression;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'in';
      readonly operand: BoundExpression;
      readonly items: readonly BoundExpression[];
      readonly negated: boolean;
    }
  | {
      readonly kind: 'like';
      readonly operand: BoundExpression;
      readonly pattern: BoundExpression;
      readonly escape: string | undefined;
      readonly negated: boolean;
    }
  | {
      readonly kind: 'case';
      readonly whens: readonly { readonly condition: BoundExpression; readonly result: BoundExpression }[];
      readonly otherwise: BoundExpression | undefined;
    }
  /** Explicit CAST, and `implicit: true` where the analysis widened a type. The target is `type`. */
  | { readonly kind: 'cast'; readonly operand: BoundExpression; readonly implicit: boolean }
  | {
      readonly kind: 'call';
      readonly function: string;
      /** Index into the function's overloads. */
      readonly overload: number;
      readonly args: readonly BoundArgument[];
    }
  | { readonly kind: 'arrayElement'; readonly base: BoundExpression; readonly index: BoundExpression }
  | { readonly kind: 'mapValue'; readonly base: BoundExpression; readonly key: BoundExpression }
  | { readonly kind: 'structField'; readonly base: BoundExpression; readonly index: number; readonly name: string }
  | { readonly kind: 'array'; readonly items: readonly BoundExpression[] }
  | {
      readonly kind: 'map';
      readonly entries: readonly { readonly key: BoundExpression; readonly value: BoundExpression }[];
    }
  | { readonly kind: 'struct'; readonly values: readonly BoundExpression[] };

export type BoundArgument =
  | { readonly kind: 'expression'; readonly expression: BoundExpression }
  | { readonly kind: 'lambda'; readonly parameters: readonly string[]; readonly body: BoundExpression }
  | { readonly kind: 'unit'; readonly unit: TimeUnit };

/** A call of an aggregate function in a plan. `constants` are the evaluated trailing constant arguments. */
export interface BoundAggregateCall {
  readonly function: string;
  readonly overload: number;
  readonly args: readonly BoundExpression[];
  readonly constants: readonly SqlValue[];
  readonly type: SqlType;
  readonly stateType: SqlType;
}

/** A call of a table function in a plan. */
export interface BoundTableCall {
  readonly function: string;
  readonly overload: number;
  readonly args: readonly BoundExpression[];
  readonly type: SqlType;
}
