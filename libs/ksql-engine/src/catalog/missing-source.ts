import type { Catalog } from './catalog.js';

/** What to type instead of a name that is only known in other letters; empty when there is none. */
export function similarSourceHint(catalog: Catalog, name: string): string {
  const upper = name.toUpperCase();
  const similar = [...catalog.sources.keys()].find((known) => known.toUpperCase() === upper);
  if (similar === undefined) return '';
  return similar === upper
    ? `\nDid you mean ${similar}? Hint: try removing double quotes from the source name.`
    : `\nDid you mean "${similar}"? Hint: wrap the source name in double quotes to make it case-sensitive.`;
}
