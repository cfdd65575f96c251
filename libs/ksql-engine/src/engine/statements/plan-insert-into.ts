import { PreparationError } from '../../analyze/preparation-error.js';
import { INSERT_INTO_PROPERTIES } from '../../analyze/with/known-properties.js';
import { PropertyReader } from '../../analyze/with/property-reader.js';
import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { DataSource } from '../../catalog/data-source.js';
import { formatSchema } from '../../catalog/format-schema.js';
import { similarSourceHint } from '../../catalog/missing-source.js';
import { KsqlError } from '../../errors/sql-error.js';
import { KsqlRequestError } from '../../errors/user-errors.js';
import type { BuiltQuery } from '../../plan/build-query.js';
import { PLAN_VERSION, type ProjectNode, type QueryPlan } from '../../plan/nodes.js';
import type { InsertInto, ParsedStatement } from '../../syntax/ast/statement.js';
import { isImplicitlyConvertible } from '../../types/coercion.js';
import { quoteIdentifier } from '../../types/format-type.js';
import { sameType, type SqlType } from '../../types/sql-type.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';
import { withExpressionText } from './expression-failure.js';
import { build, qualify } from './query-planning.js';
import { withWrittenSchemas } from '../written-schemas.js';

/** INSERT INTO … SELECT: another query that writes into an existing stream. */
export function planInsertInto(
  statement: InsertInto,
  parsed: ParsedStatement,
  context: EngineContext,
): PlannedStatement {
  const target = requireTarget(statement.target, parsed, context);
  const reader = new PropertyReader(statement.properties);
  const queryId = readQueryId(reader, context);
  const query = qualify({ ...statement.query, emit: statement.query.emit ?? 'CHANGES' }, context);
  const built = withExpressionText('persistent', () => build(query, statement.target, context));
  if (built.resultKind === 'TABLE') {
    throw new KsqlError(
      `INSERT INTO can only be used to insert the results of a stream query. The query of ${target.name} makes a table.`,
    );
  }
  const root = fitted(built, target);
  const plan: QueryPlan = {
    version: PLAN_VERSION,
    queryId,
    root,
    resultKind: built.resultKind,
    resultWindow: undefined,
    sink: {
      kind: 'topic',
      sourceName: target.name,
      topic: withWrittenSchemas(target.topic, target.schema, context.schemas),
      schema: target.schema,
      timestamp: target.timestamp,
    },
    sourceNames: query.sources.map(({ source }) => source.name),
    internalTopics: built.internalTopics,
  };
  return {
    kind: 'persistentQuery',
    canonicalText: parsed.text,
    catalog: context.catalog,
    plan,
    queryKind: 'INSERT',
    sink: undefined,
    topicsToCreate: [],
    replacesQueryId: undefined,
    isWarning: false,
    message: `Created query with ID ${queryId}`,
    entityType: 'stream',
    entityName: target.name,
  };
}

function requireTarget(name: string, { text, location }: ParsedStatement, { catalog }: EngineContext): DataSource {
  const target = catalog.sources.get(name);
  if (target === undefined) {
    const before = /^\s*INSERT\s+INTO\s+/i.exec(text)?.[0] ?? '';
    const lines = before.split('\n');
    const column = (lines.length === 1 ? location.column : 0) + (lines.at(-1) ?? '').length + 1;
    throw new PreparationError(
      `Exception while preparing statement: Line: ${location.line + lines.length - 1}, Col: ${column}: Source ${quoteIdentifier(name)} does not exist.${similarSourceHint(catalog, name)}`,
    );
  }
  if (target.kind === 'TABLE') {
    throw new PreparationError(
      `Exception while preparing statement: INSERT INTO can only be used to insert into a stream. ${name} is a table.`,
    );
  }
  if (target.isSource) throw new KsqlRequestError(`Cannot insert into read-only stream: ${name}`);
  if (target.schema.value.some((column) => column.header !== undefined)) {
    throw new KsqlError(`Cannot insert into ${name} because it has header columns`);
  }
  return target;
}

function readQueryId(reader: PropertyReader, { queries, nextQueryNumber }: EngineContext): string {
  PreparationError.around(() => reader.requireKnown(INSERT_INTO_PROPERTIES));
  const given = reader.text('QUERY_ID')?.trim().toUpperCase();
  if (given === undefined) return `INSERTQUERY_${nextQueryNumber}`;
  PreparationError.around(() => {
    if (!/^[A-Z0-9_]+$/.test(given)) {
      throw new KsqlError(`Query IDs may contain only alphanumeric characters and '_'. Got: '${given}'`);
    }
    const reserved = ['INSERTQUERY_', 'CTAS_', 'CSAS_', 'CST_'].find((prefix) => given.startsWith(prefix));
    if (reserved !== undefined) {
      throw new KsqlError(
        `Query IDs must not start with a reserved query ID prefix (INSERTQUERY_, CTAS_, CSAS_, CST_). Got ${given}.`,
      );
    }
  });
  if (queries.some(({ queryId }) => queryId === given)) throw new KsqlError(`Query ID '${given}' already exists.`);
  return given;
}

/**
 * The projection under the target's columns: same places, same types or ones that widen without loss. Whole numbers go into every DECIMAL;
 * one that is too large for it is told of when it comes.
 */
function fitted({ root, schema }: BuiltQuery, target: DataSource): ProjectNode {
  const wanted = target.schema;
  const fits =
    schema.key.length === wanted.key.length &&
    schema.value.length === wanted.value.length &&
    schema.key.every((column, index) => {
      const other = wanted.key[index];
      return other !== undefined && sameType(column.type, other.type);
    }) &&
    schema.value.every((column, index) => {
      const other = wanted.value[index];
      return (
        other !== undefined &&
        (isImplicitlyConvertible(column.type, other.type) || (other.type.kind === 'DECIMAL' && isWhole(column.type)))
      );
    });
  if (!fits) {
    throw new KsqlError(
      `Incompatible schema between results and sink.\nResult schema is ${formatSchema(schema)}\nSink schema is ${formatSchema(wanted)}`,
    );
  }
  const values = root.values.map((value, index): BoundExpression => {
    const type = wanted.value[index]?.type;
    if (type === undefined || value.type === null || sameType(value.type, type)) return value;
    return { kind: 'cast', operand: value, implicit: true, type };
  });
  return { ...root, values, schema: wanted };
}

const isWhole = ({ kind }: SqlType): boolean => kind === 'INTEGER' || kind === 'BIGINT';
