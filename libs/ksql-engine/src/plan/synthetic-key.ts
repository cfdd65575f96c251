import type { QualifiedQuery } from '../analyze/query/qualified-query.js';

/** The name of a join key that no source column is: ROWKEY, or the first ROWKEY_n that no source uses. */
export function syntheticKeyName(query: QualifiedQuery): string {
  const taken = new Set(
    query.sources.flatMap(({ source }) => [...source.schema.key, ...source.schema.value].map(({ name }) => name)),
  );
  if (![...taken].some((name) => /^ROWKEY(_\d+)?$/.test(name))) return 'ROWKEY';
  for (let number = 1; ; number += 1) {
    const name = `ROWKEY_${number}`;
    if (!taken.has(name)) return name;
  }
}
