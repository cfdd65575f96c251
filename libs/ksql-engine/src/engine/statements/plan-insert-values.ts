import { bindExpression } from '../../analyze/bind-expression.js';
import type { Scope } from '../../analyze/scope.js';
import { similarSourceHint } from '../../catalog/missing-source.js';
import type { DataSource } from '../../catalog/data-source.js';
import type { Column } from '../../catalog/schema.js';
import { isSystemColumn } from '../../catalog/system-columns.js';
import { PreparationError } from '../../analyze/preparation-error.js';
import { KsqlError } from '../../errors/sql-error.js';
import { KsqlRequestError } from '../../errors/user-errors.js';
import { compileExpression } from '../../expression/compile.js';
import type { EvaluationErrors } from '../../expression/evaluator.js';
import type { FunctionContext } from '../../functions/function.js';
import { createSerde } from '../../serde/formats.js';
import type { Expression } from '../../syntax/ast/expression.js';
import type { InsertValues } from '../../syntax/ast/statement.js';
import { printList } from '../../syntax/print/expression.js';
import { castConversion } from '../../types/cast.js';
import { isImplicitlyConvertible } from '../../types/coercion.js';
import { formatType, quoteIdentifier } from '../../types/format-type.js';
import { BIGINT, sameType, STRING, type SqlType } from '../../types/sql-type.js';
import type { Row, SqlValue } from '../../types/sql-value.js';
import { NO_RECORD } from '../no-record.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';
import { withWrittenSchemas } from '../written-schemas.js';

/** INSERT INTO … VALUES: one record for the source's topic. */
export function planInsertValues(statement: InsertValues, context: EngineContext): PlannedStatement {
  const target = requireTarget(statement, context);
  const fail = (reason: string): KsqlError => new KsqlError(`Failed to insert values into '${target.name}'. ${reason}`);
  const { key } = target.schema;
  const value = target.schema.value.filter((column) => column.header === undefined);
  const columns = [...key, ...value];
  const named = columnsOf(statement, target, fail);
  const given = new Map<string, SqlValue>();
  named.forEach((column, index) => {
    const expression = statement.values[index];
    if (expression !== undefined) given.set(column.name, valueOf(expression, column, context, fail));
  });
  requirePrimaryKey(target, given, fail);
  const timestamp = given.get('ROWTIME') ?? context.nowMs;
  if (typeof timestamp === 'number' && timestamp < 0) {
    throw fail(`Invalid timestamp: ${timestamp}. Timestamp should always be non-negative or null.`);
  }
  const row = (part: readonly Column[]): Row => part.map(({ name }) => given.get(name) ?? null);
  const keyRow = row(key);
  const topic = withWrittenSchemas(target.topic, target.schema, context.schemas);
  const serde = (part: readonly Column[], isKey: boolean) =>
    createSerde({ columns: part, isKey, info: isKey ? topic.keyFormat : topic.valueFormat });
  try {
    return {
      kind: 'insertValues',
      target,
      record: {
        key: keyRow.every((part) => part === null) ? null : serde(key, true).serialize(keyRow),
        value: serde(value, false).serialize(row(value)),
        timestamp: Number(timestamp),
        headers: [],
      },
    };
  } catch (error) {
    if (error instanceof KsqlError || !(error instanceof Error)) throw error;
    throw fail(`Could not serialize one of ${columns.map(({ name }) => name).join(', ')}: ${error.message}`);
  }
}

function requireTarget(statement: InsertValues, { catalog, property }: EngineContext): DataSource {
  const name = statement.target;
  if (property('ksql.insert.into.values.enabled')?.toLowerCase() === 'false') {
    throw new KsqlRequestError(
      "The server has disabled INSERT INTO ... VALUES functionality. To enable it, restart your ksqlDB server with 'ksql.insert.into.values.enabled'=true",
    );
  }
  const target = catalog.sources.get(name);
  if (target === undefined) {
    throw new KsqlRequestError(
      `Cannot insert values into an unknown stream/table: ${quoteIdentifier(name)}${similarSourceHint(catalog, name)}`,
    );
  }
  if (target.topic.window !== undefined) throw new KsqlRequestError('Cannot insert values into windowed stream/table!');
  if (target.isSource) {
    throw new KsqlRequestError(`Cannot insert values into read-only ${target.kind.toLowerCase()}: ${name}`);
  }
  const wanted = new Set(statement.columns);
  const headers = target.schema.value.filter(
    (column) => column.header !== undefined && (wanted.size === 0 || wanted.has(column.name)),
  );
  if (headers.length > 0) {
    throw new KsqlRequestError(`Cannot insert into HEADER columns: ${headers.map((column) => column.name).join(', ')}`);
  }
  return target;
}

/** The columns that the values are for. */
function columnsOf(
  { columns, values }: InsertValues,
  { schema }: DataSource,
  fail: (reason: string) => KsqlError,
): readonly Column[] {
  const all = [...schema.key, ...schema.value];
  if (columns.length === 0) {
    if (all.length !== values.length) {
      throw fail(`Expected a value for each column. Expected Columns: []. Got [${printList(values)}]`);
    }
    return all;
  }
  if (columns.length !== values.length) {
    throw new PreparationError(
      `Failed to prepare statement: Expected number columns and values to match: ${columns.length}, ${values.length}`,
    );
  }
  return columns.map((name) => {
    if (name === 'ROWTIME') return { name, type: BIGINT };
    if (isSystemColumn(name)) throw fail(`Inserting into column ${quoteIdentifier(name)} is not allowed.`);
    const column = all.find((candidate) => candidate.name === name);
    if (column === undefined) throw fail(`Column name ${quoteIdentifier(name)} does not exist.`);
    return column;
  });
}

function requirePrimaryKey(
  target: DataSource,
  given: ReadonlyMap<string, SqlValue>,
  fail: (reason: string) => KsqlError,
): void {
  if (target.kind !== 'TABLE') return;
  const missing = target.schema.key.filter(({ name }) => !given.has(name));
  if (missing.length > 0) {
    throw fail(`Value for primary key column(s) ${missing.map(({ name }) => name).join(', ')} is required for tables`);
  }
  if (target.schema.key.every(({ name }) => given.get(name) === null)) {
    throw new KsqlRequestError(
      `Failed to insert values into '${target.name}'.\nCaused by: Compacted topic cannot accept message without key in topic partition ${target.topic.topic}-0.`,
    );
  }
}

function valueOf(
  expression: Expression,
  column: Column,
  context: EngineContext,
  fail: (reason: string) => KsqlError,
): SqlValue {
  const scope: Scope = {
    resolve(name, source) {
      if (source !== undefined) {
        throw new PreparationError(
          `Failed to prepare statement: '${source}' is not a valid stream/table name or alias.`,
        );
      }
      throw fail(`Unsupported column reference in insert value: ${name}`);
    },
  };
  const bound = bindExpression(expression, scope, { functions: context.functions, types: context.catalog.types });
  const errors: EvaluationErrors = {
    report(text, cause) {
      throw fail(`Failed to evaluate ${text}: ${cause instanceof Error ? cause.message : String(cause)}`);
    },
  };
  const functionContext: FunctionContext = {
    nowMs: () => context.nowMs,
    random: context.random ?? (() => 0),
    property: context.property,
  };
  const value = compileExpression(bound, context.functions, functionContext, errors)(NO_RECORD);
  if (value === null || bound.type === null) return null;
  if (sameType(bound.type, column.type)) return value;
  const expected = `Expected type ${formatType(column.type)} for field ${quoteIdentifier(column.name)} but got ${bound.type.kind}(${valueText(value, bound.type)})`;
  const convert = isInsertable(bound.type, column.type) ? castConversion(bound.type, column.type) : undefined;
  if (convert === undefined) throw fail(expected);
  try {
    return convert(value);
  } catch {
    throw fail(`${expected}${formatHint(column.type)}`);
  }
}

/** What may be given for a column: what converts by itself, and structs that leave fields out or have others, which are passed over. */
function isInsertable(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'STRUCT' && to.kind === 'STRUCT') {
    return from.fields.every(({ name, type }) => {
      const field = to.fields.find((candidate) => candidate.name === name);
      return field === undefined || sameType(type, field.type) || isInsertable(type, field.type);
    });
  }
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return isInsertable(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') {
    return isInsertable(from.key, to.key) && isInsertable(from.value, to.value);
  }
  if (to.kind === 'DECIMAL' && ['INTEGER', 'BIGINT'].includes(from.kind)) return true;
  return isImplicitlyConvertible(from, to);
}

function formatHint({ kind }: SqlType): string {
  switch (kind) {
    case 'DATE':
      return '. Date format must be yyyy-mm-dd';
    case 'TIME':
      return '. Time format must be hh:mm:ss[.S]';
    case 'TIMESTAMP':
      return '. Timestamp format must be yyyy-mm-ddThh:mm:ss[.S]';
    default:
      return '';
  }
}

/** A value as a message shows it. */
function valueText(value: NonNullable<SqlValue>, type: SqlType): string {
  const text = type.kind === 'STRING' ? value : castConversion(type, STRING)?.(value);
  return String(text ?? '');
}
