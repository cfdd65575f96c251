import type { Expression } from '../syntax/ast/expression.js';
import type { WithProperties } from '../syntax/ast/statement.js';

const literal = (value: string | number): Expression =>
  typeof value === 'string'
    ? { kind: 'string', value }
    : { kind: Number.isInteger(value) && Math.abs(value) <= 2147483647 ? 'integer' : 'long', value };

/** A WITH clause with more properties; those that the user wrote stay as they are. */
export function withProperties(
  properties: WithProperties,
  additions: Readonly<Record<string, string | number | undefined>>,
): WithProperties {
  const all = new Map(properties);
  for (const [name, value] of Object.entries(additions)) {
    if (value !== undefined && !all.has(name)) all.set(name, literal(value));
  }
  return all;
}
