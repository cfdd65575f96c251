import type { Expression } from '../../syntax/ast/expression.js';
import { sourceColumn } from './source-columns.js';
import type { SourceUse } from './qualified-query.js';

/** Gives names to select items without an alias, in the order of the select list. */
export class SelectNames {
  private readonly taken: ReadonlySet<string>;
  private nextColumn = 0;
  private readonly fields = new Map<string, number>();

  constructor(private readonly sources: readonly SourceUse[]) {
    this.taken = new Set(
      sources.flatMap(({ source }) => [...source.schema.key, ...source.schema.value].map((column) => column.name)),
    );
  }

  nameOf(expression: Expression): string {
    switch (expression.kind) {
      case 'column':
        return expression.name;
      case 'qualifiedColumn':
        return this.isUnique(expression.name) ? expression.name : `${expression.source}_${expression.name}`;
      case 'dereference':
        return this.fieldName(expression.field);
      default:
        return this.generated();
    }
  }

  private isUnique(name: string): boolean {
    if (this.sources.length === 1) return true;
    return this.sources.filter(({ source }) => sourceColumn(source, name) !== undefined).length < 2;
  }

  /** The field's own name, or with the first free number behind it. */
  private fieldName(field: string): string {
    for (let number = this.fields.get(field) ?? 0; ; number += 1) {
      const name = number === 0 ? field : `${field}_${number}`;
      if (!this.taken.has(name)) {
        this.fields.set(field, number + 1);
        return name;
      }
    }
  }

  private generated(): string {
    for (;;) {
      const name = `KSQL_COL_${this.nextColumn}`;
      this.nextColumn += 1;
      if (!this.taken.has(name)) return name;
    }
  }
}
