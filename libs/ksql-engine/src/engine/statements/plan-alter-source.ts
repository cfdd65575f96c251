import { resolveType } from '../../analyze/resolve-type.js';
import { requireUnreservedNames } from '../../analyze/rules/column-names.js';
import { requireFormatSupport } from '../../analyze/rules/format-support.js';
import type { DataSource, TopicInfo } from '../../catalog/data-source.js';
import type { Column, Schema } from '../../catalog/schema.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { AlterSource } from '../../syntax/ast/statement.js';
import { quoteIdentifier } from '../../types/format-type.js';
import { withSource } from '../../catalog/catalog-edit.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';
import { withDeclaredSchemas } from '../written-schemas.js';

/** ALTER STREAM, ALTER TABLE … ADD COLUMN: value columns at the end. */
export function planAlterSource(statement: AlterSource, text: string, context: EngineContext): PlannedStatement {
  const { catalog } = context;
  const { name } = statement;
  const source = catalog.sources.get(name);
  if (source === undefined) throw new KsqlError(`Source ${name} does not exist.`);
  if (source.kind !== statement.sourceKind) {
    throw new KsqlError(
      `Incompatible data source type is ${source.kind}, but statement was ALTER ${statement.sourceKind}`,
    );
  }
  const kind = source.kind.toLowerCase() as 'stream' | 'table';
  if (source.isSource) {
    throw new KsqlError(`Cannot alter ${kind} '${name}': ALTER operations are not supported on source ${kind}s.`);
  }
  if (source.isCreatedAsSelect) {
    throw new KsqlError(`ALTER command is not supported for CREATE ... AS statements.`);
  }
  requireUnreservedNames(statement.additions);
  const value: Column[] = [...source.schema.value];
  for (const addition of statement.additions) {
    if ([...source.schema.key, ...value].some((column) => column.name === addition.name)) {
      throw new KsqlError(
        `Cannot add column ${quoteIdentifier(addition.name)} to schema. A column with the same name already exists.`,
      );
    }
    value.push({ name: addition.name, type: resolveType(addition.type, catalog.types) });
  }
  requireFormatSupport(
    'Value',
    source.topic.valueFormat,
    value.filter((column) => column.header === undefined),
  );
  const schema: Schema = { key: source.schema.key, value };
  const altered: DataSource = {
    ...source,
    schema,
    topic: withDeclaredSchemas(withoutValueSchema(source.topic), schema, context.schemas),
    statementText: `${source.statementText}\n${text}`,
  };
  return {
    kind: 'catalogChange',
    action: 'alter',
    canonicalText: text,
    catalog: { ...withSource(catalog, altered, []), readers: catalog.readers },
    message: `${kind === 'stream' ? 'Stream' : 'Table'} ${name} altered.`,
    isWarning: false,
    topicsToCreate: [],
    topicsToDelete: [],
    terminatedQueryIds: [],
    query: undefined,
    entityType: kind,
    entityName: name,
  };
}

/** What is written has more columns from now on. */
const withoutValueSchema = ({ valueFormat: { schema: _schema, ...valueFormat }, ...topic }: TopicInfo): TopicInfo => ({
  ...topic,
  valueFormat,
});
