import { Decimal } from '../types/decimal.js';

/**
 * A copy of a syntax tree without the places in the text and the text itself, for comparing what was said rather than
 * where. Properties of a WITH clause are sorted by name.
 */
export function withoutPlaces(tree: unknown): unknown {
  if (tree instanceof Decimal || typeof tree !== 'object' || tree === null) return tree;
  if (Array.isArray(tree)) return tree.map(withoutPlaces);
  if (tree instanceof Map) {
    const entries = [...(tree as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1));
    return new Map(entries.map(([name, value]) => [name, withoutPlaces(value)]));
  }
  const isParsedStatement = 'statement' in tree && 'text' in tree;
  const kept = Object.entries(tree).filter(([name]) => name !== 'location' && !(isParsedStatement && name === 'text'));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutPlaces(value)]));
}
