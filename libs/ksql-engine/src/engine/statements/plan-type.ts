import { PreparationError } from '../../analyze/preparation-error.js';
import { resolveType } from '../../analyze/resolve-type.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { CreateType, DropType } from '../../syntax/ast/statement.js';
import { formatType } from '../../types/format-type.js';
import type { EngineContext } from '../engine-context.js';
import type { PlannedStatement } from '../planned-statement.js';

const common = {
  kind: 'catalogChange',
  topicsToCreate: [],
  topicsToDelete: [],
  terminatedQueryIds: [],
  query: undefined,
  entityType: 'type',
} as const;

/** CREATE TYPE: a name for a type, resolved where it is used. */
export function planCreateType(statement: CreateType, text: string, { catalog }: EngineContext): PlannedStatement {
  const { name } = statement;
  const type = PreparationError.around(() => resolveType(statement.type, catalog.types));
  const existing = catalog.types.get(name);
  if (existing !== undefined) {
    const message = `${name} is already registered with type ${formatType(existing)}`;
    if (!statement.ifNotExists) {
      throw new KsqlError(
        `Cannot register custom type '${name}' since it is already registered with type: ${formatType(existing)}`,
      );
    }
    return {
      ...common,
      action: 'createType',
      canonicalText: text,
      catalog,
      message,
      isWarning: false,
      entityName: name,
    };
  }
  return {
    ...common,
    action: 'createType',
    canonicalText: text,
    catalog: { ...catalog, types: new Map(catalog.types).set(name, type) },
    message: `Registered custom type with name '${name}' and SQL type ${formatType(type)}`,
    isWarning: false,
    entityName: name,
  };
}

export function planDropType({ name, ifExists }: DropType, text: string, { catalog }: EngineContext): PlannedStatement {
  if (!catalog.types.has(name)) {
    if (!ifExists) throw new KsqlError(`Type ${name} does not exist.`);
    const message = `Type '${name}' does not exist`;
    return { ...common, action: 'nothing', canonicalText: text, catalog, message, isWarning: false, entityName: name };
  }
  const types = new Map(catalog.types);
  types.delete(name);
  return {
    ...common,
    action: 'dropType',
    canonicalText: text,
    catalog: { ...catalog, types },
    message: `Dropped type '${name}'`,
    isWarning: false,
    entityName: name,
  };
}
