import type { Expression } from '../ast/expression.js';
import type { Statement } from '../ast/statement.js';
import { quoteIdentifier } from '../../types/format-type.js';
import { printStatement } from './statement.js';

const text = (value: string): Expression => ({ kind: 'string', value });
/** Properties of a connector that tell what it is and hold no secret. */
const openProperties: ReadonlySet<string> = new Set(['connector.class']);

/** A statement as it may be shown in logs and error messages: inserted values and what connectors are given are hidden. */
export function printMasked(statement: Statement): string {
  switch (statement.kind) {
    case 'insertValues': {
      const columns = statement.columns.map(quoteIdentifier).join(', ');
      const values = statement.values.map(() => "'[value]'").join(', ');
      return `INSERT INTO ${quoteIdentifier(statement.target)} ${columns && `(${columns}) `}VALUES (${values});`;
    }
    case 'createConnector': {
      const properties = [...statement.properties].map(([name, value]): [string, Expression] => [
        name,
        openProperties.has(name.toLowerCase()) ? value : text('[string]'),
      ]);
      return printStatement({ ...statement, properties: new Map(properties) });
    }
    default:
      return printStatement(statement);
  }
}
