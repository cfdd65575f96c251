import type { BoundExpression } from '../../src/analyze/bound-expression.js';
import { bindExpression } from '../../src/analyze/bind-expression.js';
import { resolveType } from '../../src/analyze/resolve-type.js';
import type { Scope, ScopeEntry } from '../../src/analyze/scope.js';
import { must } from '../../src/errors/assert.js';
import { KsqlError } from '../../src/errors/sql-error.js';
import type { EvaluationRecord } from '../../src/expression/evaluator.js';
import type { FunctionRegistry } from '../../src/functions/function.js';
import { jsonFormat } from '../../src/serde/json.js';
import { parseStatements } from '../../src/syntax/parse.js';
import { BIGINT, type SqlType } from '../../src/types/sql-type.js';
import type { ExpressionFile } from './expression-case.js';

interface TypedColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** The one row that a file's expressions are evaluated on, and the names of its columns. */
export class ExpressionRow {
  readonly record: EvaluationRecord;
  readonly #key: readonly TypedColumn[];
  readonly #value: readonly TypedColumn[];
  readonly #statement: string;
  readonly #scope: Scope = { resolve: (name, source) => this.#resolve(name, source) };

  constructor(
    file: ExpressionFile,
    private readonly functions: FunctionRegistry,
  ) {
    this.#statement = file.statement;
    const created = must(file.setup.find((step) => step.sql?.includes('(K VARCHAR'))?.sql, 'CREATE TABLE in setup');
    const statement = must(parseStatements(created)[0], 'statement of setup').statement;
    if (statement.kind !== 'createSource') throw new Error(`not a CREATE TABLE: ${created}`);
    const columns = statement.columns.map(({ name, type, constraint }) => ({
      name,
      type: resolveType(type, new Map()),
      isKey: constraint.kind === 'primaryKey',
    }));
    this.#key = columns.filter(({ isKey }) => isKey);
    this.#value = columns.filter(({ isKey }) => !isKey);
    const written = must(file.setup.find((step) => step.record !== undefined)?.record, 'record of setup');
    const serde = jsonFormat.createSerde({
      columns: this.#value,
      isKey: false,
      info: { format: 'JSON', properties: {} },
    });
    this.record = {
      key: [written.key],
      value: serde.deserialize(written.value === null ? null : Buffer.from(written.value)),
      timestamp: written.timestamp,
      partition: written.partition,
      offset: 0,
      windowStart: -1,
      windowEnd: -1,
    };
  }

  /** Puts an expression into the file's statement, as the server saw it, and binds it. @throws KsqlError */
  bind(sql: string): BoundExpression & { readonly type: SqlType } {
    const text = this.#statement.replace('<sql>', () => sql);
    const parsed = parseStatements(text);
    const statement = must(parsed[0], 'statement of a case').statement;
    const items = statement.kind === 'query' ? statement.query.select : [];
    const item = items[0];
    if (parsed.length !== 1 || items.length !== 1 || item?.kind !== 'expression' || item.alias !== 'R') {
      throw new KsqlError(`not one expression: ${sql}`);
    }
    const bound = bindExpression(item.expression, this.#scope, { functions: this.functions, types: new Map() });
    const { type } = bound;
    if (type === null) throw new KsqlError("Can't infer a type of null. Please explicitly cast it to a required type.");
    return { ...bound, type };
  }

  #resolve(name: string, source: string | undefined): ScopeEntry {
    if (source === undefined || source === 'EXPR') {
      for (const [kind, columns] of [
        ['keyColumn', this.#key],
        ['valueColumn', this.#value],
      ] as const) {
        const index = columns.findIndex((column) => column.name === name);
        const column = columns[index];
        if (column !== undefined) return { kind, index, name, type: column.type };
      }
      if (name === 'ROWTIME') return { kind: 'pseudoColumn', name, type: BIGINT };
    }
    throw new KsqlError(`SELECT column '${name}' cannot be resolved.`);
  }
}
