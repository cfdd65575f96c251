import type { Scope, ScopeEntry } from '../analyze/scope.js';
import { KsqlError } from '../errors/sql-error.js';
import type { EvaluationRecord } from '../expression/evaluator.js';
import type { Expression } from '../syntax/ast/expression.js';
import { Decimal } from '../types/decimal.js';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  decimalType,
  DOUBLE,
  INTEGER,
  mapType,
  STRING,
  structType,
  TIMESTAMP,
  type SqlType,
} from '../types/sql-type.js';
import { normalizeBigint, type SqlValue } from '../types/sql-value.js';
import type { SeededRandom } from './seeded-random.js';

const STRUCT = structType([
  { name: 'A', type: INTEGER },
  { name: 'B', type: STRING },
]);

/** Columns of the random records: two of each type. */
const COLUMNS: readonly { readonly name: string; readonly type: SqlType }[] = [
  ...[BOOLEAN, INTEGER, BIGINT, DOUBLE, decimalType(6, 2), STRING, BYTES, DATE, TIMESTAMP].flatMap((type) => [
    { name: `${type.kind}_1`, type },
    { name: `${type.kind}_2`, type },
  ]),
  { name: 'ARR', type: arrayType(INTEGER) },
  { name: 'MAP_', type: mapType(STRING, INTEGER) },
  { name: 'ST', type: STRUCT },
];

export const COLUMN_COUNT = COLUMNS.length;

export const RANDOM_SCOPE: Scope = {
  resolve(name): ScopeEntry {
    const index = COLUMNS.findIndex((column) => column.name === name);
    const column = COLUMNS[index];
    if (column === undefined) throw new KsqlError(`column '${name}' cannot be resolved.`);
    return { kind: 'valueColumn', index, name, type: column.type };
  },
};

/** A record whose columns hold small values, edges of their types, and NULL. */
export function randomRecord(random: SeededRandom): EvaluationRecord {
  return {
    key: null,
    value: random.below(20) === 0 ? null : COLUMNS.map((column) => randomValue(column.type, random)),
    timestamp: random.below(1000),
    partition: 0,
    offset: random.below(10),
    windowStart: -1,
    windowEnd: -1,
  };
}

function randomValue(type: SqlType, random: SeededRandom): SqlValue {
  if (random.below(5) === 0) return null;
  switch (type.kind) {
    case 'BOOLEAN':
      return random.below(2) === 0;
    case 'INTEGER':
      return random.pick([0, 1, -1, 2, 7, 2147483647, -2147483648]);
    case 'BIGINT':
      return normalizeBigint(random.pick([0n, 1n, -3n, 2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n, 1234567890123n]));
    case 'DOUBLE':
      return random.pick([0, -0, 1, 1.5, -2.5, NaN, Infinity, 1e300]);
    case 'DECIMAL':
      return new Decimal(BigInt(random.pick([0, 110, -250, 999999, 1])), 2);
    case 'STRING':
      return random.pick(['', 'a', 'abc', '7', '1.5', '2023-03-26', 'null', 'x%']);
    case 'BYTES':
      return Uint8Array.from(random.pick([[], [1], [255, 0]]));
    case 'DATE':
      return random.pick([0, 19442, -1]);
    case 'TIME':
      return random.below(86_400_000);
    case 'TIMESTAMP':
      return random.pick([0, 1679792399999, -1]);
    case 'ARRAY':
      return Array.from({ length: random.below(3) }, () => randomValue(type.element, random));
    case 'MAP':
      return new Map(['a', 'b'].slice(random.below(3)).map((key) => [key, randomValue(type.value, random)]));
    case 'STRUCT':
      return type.fields.map((field) => randomValue(field.type, random));
  }
}

type Make = (depth: number) => Expression;

/** An expression that mostly, not always, has the wanted kind of type, so that the binder is given bad ones too. */
export function randomExpression(random: SeededRandom, depth = 4): Expression {
  const kind = random.pick(['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL', 'STRING', 'ARRAY', 'STRUCT'] as const);
  return new ExpressionMaker(random).make(kind, depth);
}

type Kind = 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'DECIMAL' | 'STRING' | 'ARRAY' | 'STRUCT' | 'MAP' | 'DATE';

class ExpressionMaker {
  constructor(private readonly random: SeededRandom) {}

  make(kind: Kind, depth: number): Expression {
    const { random } = this;
    if (depth <= 0 || random.below(5) === 0) return this.#leaf(kind);
    const number = (): Kind => random.pick(['INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL']);
    const common: readonly Make[] = [(d) => this.#case(kind, d)];
    const rules: readonly Make[] = [...common, ...this.#rules(kind, number)];
    return random.pick(rules)(depth - 1);
  }

  #rules(kind: Kind, number: () => Kind): readonly Make[] {
    switch (kind) {
      case 'BOOLEAN':
        return this.#conditions(number);
      case 'INTEGER':
        return [
          (d) => this.#arithmetic(kind, d),
          (d) => ({ kind: 'unary', operator: '-', operand: this.make(kind, d) }),
          (d) => ({ kind: 'subscript', base: this.make('ARRAY', d), index: this.make('INTEGER', d) }),
          (d) => ({ kind: 'subscript', base: this.make('MAP', d), index: this.make('STRING', d) }),
          (d) => ({ kind: 'dereference', base: this.make('STRUCT', d), field: 'A' }),
          (d) => this.#call('LEN', [this.make('STRING', d)]),
          (d) => this.#cast(this.make(this.random.pick(['STRING', 'DOUBLE', 'DECIMAL']), d), INTEGER),
          (d) =>
            this.#call('REDUCE', [
              this.make('ARRAY', d),
              this.make('INTEGER', d),
              { kind: 'lambda', parameters: ['S', 'X'], body: this.#arithmeticOf(this.#name('S'), this.#name('X')) },
            ]),
        ];
      case 'BIGINT':
      case 'DOUBLE':
      case 'DECIMAL':
        return [
          (d) => this.#arithmetic(kind, d),
          (d) => ({ kind: 'unary', operator: '-', operand: this.make(kind, d) }),
          (d) => this.#call('ABS', [this.make(kind, d)]),
          (d) => this.#cast(this.make(this.random.pick(['STRING', 'INTEGER', 'DOUBLE']), d), this.#typeOf(kind)),
        ];
      case 'STRING':
        return [
          (d) => ({ kind: 'arithmetic', operator: '+', left: this.make(kind, d), right: this.make(kind, d) }),
          (d) => this.#call('UCASE', [this.make(kind, d)]),
          (d) => this.#call('CONCAT', [this.make(kind, d), this.make(kind, d)]),
          (d) =>
            this.#cast(this.make(this.random.pick(['INTEGER', 'DOUBLE', 'DECIMAL', 'ARRAY', 'STRUCT']), d), STRING),
          (d) => ({ kind: 'dereference', base: this.make('STRUCT', d), field: 'B' }),
        ];
      case 'ARRAY':
        return [
          (d) => ({ kind: 'createArray', items: [this.make('INTEGER', d), this.make('INTEGER', d)] }),
          (d) =>
            this.#call('TRANSFORM', [
              this.make('ARRAY', d),
              { kind: 'lambda', parameters: ['X'], body: this.#arithmeticOf(this.#name('X'), this.make('INTEGER', d)) },
            ]),
        ];
      case 'STRUCT':
        return [
          (d) => ({
            kind: 'createStruct',
            fields: [
              { name: 'A', value: this.make('INTEGER', d) },
              { name: 'B', value: this.make('STRING', d) },
            ],
          }),
        ];
      case 'MAP':
        return [
          (d) => ({ kind: 'createMap', entries: [{ key: this.make('STRING', d), value: this.make('INTEGER', d) }] }),
        ];
      case 'DATE':
        return [(d) => this.#cast(this.make('STRING', d), DATE)];
    }
  }

  #conditions(number: () => Kind): readonly Make[] {
    const { random } = this;
    const any = (): Kind => random.pick(['BOOLEAN', 'STRING', 'ARRAY', 'STRUCT', number()]);
    return [
      (d) => ({
        kind: 'logical',
        operator: random.pick(['AND', 'OR']),
        left: this.make('BOOLEAN', d),
        right: this.make('BOOLEAN', d),
      }),
      (d) => ({ kind: 'not', operand: this.make('BOOLEAN', d) }),
      (d) => ({ kind: 'isNull', operand: this.make(any(), d), negated: random.below(2) === 0 }),
      (d) => ({
        kind: 'comparison',
        operator: random.pick(['=', '<>', '<', '<=', '>', '>=', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM']),
        left: this.make(number(), d),
        right: this.make(number(), d),
      }),
      (d) => {
        const kind = any();
        const operator = random.pick(['=', '<>', 'IS DISTINCT FROM', 'IS NOT DISTINCT FROM'] as const);
        return { kind: 'comparison', operator, left: this.make(kind, d), right: this.make(kind, d) };
      },
      (d) => ({
        kind: 'comparison',
        operator: random.pick(['=', '<']),
        left: this.make('DATE', d),
        right: this.make('STRING', d),
      }),
      (d) => ({
        kind: 'between',
        operand: this.make(number(), d),
        low: this.make(number(), d),
        high: this.make(number(), d),
        negated: random.below(2) === 0,
      }),
      (d) => {
        const kind = any();
        const items = [this.make(kind, d), this.#leaf(kind), this.#leaf(kind)];
        return { kind: 'in', operand: this.make(kind, d), items, negated: random.below(2) === 0 };
      },
      (d) => ({
        kind: 'like',
        operand: this.make('STRING', d),
        pattern:
          random.below(2) === 0 ? { kind: 'string', value: random.pick(['a%', '_', '%!']) } : this.make('STRING', d),
        escape: random.below(2) === 0 ? undefined : '!',
        negated: random.below(2) === 0,
      }),
    ];
  }

  #case(kind: Kind, depth: number): Expression {
    return {
      kind: 'searchedCase',
      whens: [{ condition: this.make('BOOLEAN', depth), result: this.make(kind, depth) }],
      otherwise: this.random.below(3) === 0 ? undefined : this.make(kind, depth),
    };
  }

  #arithmetic(kind: Kind, depth: number): Expression {
    return this.#arithmeticOf(
      this.make(kind, depth),
      this.make(kind === 'INTEGER' ? kind : this.random.pick([kind, 'INTEGER']), depth),
    );
  }

  #arithmeticOf(left: Expression, right: Expression): Expression {
    return { kind: 'arithmetic', operator: this.random.pick(['+', '-', '*', '/', '%']), left, right };
  }

  #call(name: string, args: readonly Expression[]): Expression {
    return { kind: 'call', name, args };
  }

  #cast(operand: Expression, type: SqlType): Expression {
    return { kind: 'cast', operand, type: { kind: 'builtin', type } };
  }

  #name(name: string): Expression {
    return { kind: 'column', name };
  }

  #typeOf(kind: 'BIGINT' | 'DOUBLE' | 'DECIMAL'): SqlType {
    return kind === 'DECIMAL' ? decimalType(6, 2) : kind === 'BIGINT' ? BIGINT : DOUBLE;
  }

  #leaf(kind: Kind): Expression {
    const { random } = this;
    const column = this.#name(
      random.pick(
        COLUMNS.filter(({ name }) => name.startsWith(kind === 'STRUCT' ? 'ST' : kind === 'ARRAY' ? 'ARR' : kind)),
      ).name,
    );
    const literal = this.#literal(kind);
    return literal === undefined || random.below(3) > 0 ? column : literal;
  }

  #literal(kind: Kind): Expression | undefined {
    const { random } = this;
    switch (kind) {
      case 'BOOLEAN':
        return { kind: 'boolean', value: random.below(2) === 0 };
      case 'INTEGER':
        return { kind: 'integer', value: random.pick([0, 1, 3, 2147483647]) };
      case 'BIGINT':
        return { kind: 'long', value: 3000000000 };
      case 'DOUBLE':
        return { kind: 'double', value: random.pick([1.5, -0, 1e10]) };
      case 'DECIMAL':
        return { kind: 'decimal', value: new Decimal(BigInt(random.pick([15, 0, 333])), 1) };
      case 'STRING':
        return { kind: 'string', value: random.pick(['a', '', "it's", '2023-03-26', '12']) };
      default:
        return undefined;
    }
  }
}
