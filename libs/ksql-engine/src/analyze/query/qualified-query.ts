import type { DataSource } from '../../catalog/data-source.js';
import type { SourceLocation } from '../../errors/sql-error.js';
import type { Expression } from '../../syntax/ast/expression.js';
import type { Query, WindowClause, WithinClause } from '../../syntax/ast/statement.js';

/** One source in FROM or JOIN under its alias. */
export interface SourceUse {
  readonly alias: string;
  readonly source: DataSource;
}

export type QualifiedItem =
  | { readonly kind: 'all'; readonly source: string | undefined }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly name: string };

export interface QualifiedJoin {
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL';
  readonly right: SourceUse;
  readonly on: Expression;
  readonly within: WithinClause | undefined;
}

/**
 * A SELECT whose names are settled: every column reference that a source knows carries its source's alias, every select
 * item has its name, `->*` is spelled out. References that no source knows are left bare; they may be a synthetic key or window
 * bounds, which only the plan knows.
 */
export interface QualifiedQuery {
  /** As many as there are in FROM and JOIN, in that order. */
  readonly sources: readonly SourceUse[];
  readonly joins: readonly QualifiedJoin[];
  readonly items: readonly QualifiedItem[];
  readonly where: Expression | undefined;
  readonly groupBy: readonly Expression[] | undefined;
  readonly partitionBy: readonly Expression[] | undefined;
  readonly having: Expression | undefined;
  readonly window: WindowClause | undefined;
  readonly emit: 'CHANGES' | 'FINAL' | undefined;
  readonly limit: number | undefined;
  /** The same as a tree, for the canonical text. */
  readonly query: Query;
  readonly location: SourceLocation;
}
