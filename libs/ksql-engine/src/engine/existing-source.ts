import type { DataSource } from '../catalog/data-source.js';
import { KsqlError } from '../errors/sql-error.js';
import type { SourceKind } from '../syntax/ast/statement.js';
import type { Catalog } from '../catalog/catalog.js';
import { quoteIdentifier } from '../types/format-type.js';

interface Creation {
  readonly sourceKind: SourceKind;
  readonly name: string;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
}

/** The warning of CREATE … IF NOT EXISTS on a name that is taken; undefined when there is none. */
export function alreadyExistsWarning(
  { sourceKind, name, ifNotExists }: Creation,
  catalog: Catalog,
): string | undefined {
  if (!ifNotExists || !catalog.sources.has(name)) return undefined;
  const kind = sourceKind.toLowerCase();
  return `Cannot add ${kind} ${quoteIdentifier(name)}: A ${kind} with the same name already exists.`;
}

/** The source that CREATE OR REPLACE takes the place of. @throws KsqlError when the name is taken otherwise */
export function replacedSource(creation: Creation, isSource: boolean, catalog: Catalog): DataSource | undefined {
  const existing = catalog.sources.get(creation.name);
  const kind = creation.sourceKind.toLowerCase();
  if (existing !== undefined && !creation.orReplace) {
    throw new KsqlError(
      `Cannot add ${kind} '${creation.name}': A ${existing.kind.toLowerCase()} with the same name already exists`,
    );
  }
  if (creation.orReplace && (isSource || existing?.isSource === true)) {
    throw new KsqlError(
      `Cannot add ${kind} '${creation.name}': CREATE OR REPLACE is not supported on source ${kind}s.`,
    );
  }
  return existing;
}
