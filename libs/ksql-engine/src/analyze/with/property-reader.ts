import { KsqlError } from '../../errors/sql-error.js';
import type { Expression } from '../../syntax/ast/expression.js';
import type { WithProperties } from '../../syntax/ast/statement.js';

/** A literal of a WITH clause as text: strings bare, numbers and booleans as written. */
function literalText(expression: Expression): string {
  switch (expression.kind) {
    case 'string':
      return expression.value;
    case 'integer':
    case 'long':
    case 'double':
    case 'boolean':
      return String(expression.value);
    case 'decimal':
      return expression.value.toString();
    case 'unary':
      return `${expression.operator}${literalText(expression.operand)}`;
    default:
      throw new KsqlError(`Only literals may stand in the WITH clause, but found ${expression.kind}`);
  }
}

/** Typed access to a WITH clause; every answer is checked, every failure names the property. */
export class PropertyReader {
  constructor(private readonly properties: WithProperties) {}

  /** @throws KsqlError when a name outside `known` is used */
  requireKnown(known: ReadonlySet<string>): void {
    const unknown = [...this.properties.keys()].filter((name) => !known.has(name.toUpperCase()));
    if (unknown.length > 0) {
      throw new KsqlError(`Invalid config variable(s) in the WITH clause: ${unknown.join(',')}`);
    }
  }

  has(name: string): boolean {
    return this.properties.has(name);
  }

  text(name: string): string | undefined {
    const literal = this.properties.get(name);
    return literal === undefined ? undefined : literalText(literal);
  }

  integer(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text.trim());
    if (!Number.isInteger(value)) {
      throw new KsqlError(`Invalid value ${text} for property ${name}: Not a number of type INT`);
    }
    return value;
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name)?.trim().toLowerCase();
    if (text === undefined) return undefined;
    if (text !== 'true' && text !== 'false') {
      throw new KsqlError(`Invalid value ${text} for property ${name}: Expected value to be either true or false`);
    }
    return text === 'true';
  }
}
