import type { Catalog } from './catalog.js';
import type { DataSource } from './data-source.js';

/** The next snapshot with a source added or replaced; `reads` names the sources that its query reads. */
export function withSource(catalog: Catalog, source: DataSource, reads: readonly string[]): Catalog {
  const sources = new Map(catalog.sources).set(source.name, source);
  const readers = new Map<string, readonly string[]>();
  for (const [name, list] of catalog.readers)
    readers.set(
      name,
      list.filter((reader) => reader !== source.name),
    );
  for (const read of new Set(reads)) readers.set(read, [...(readers.get(read) ?? []), source.name]);
  return { ...catalog, sources, readers };
}

export function withoutSource(catalog: Catalog, name: string): Catalog {
  const sources = new Map(catalog.sources);
  sources.delete(name);
  const readers = new Map<string, readonly string[]>();
  for (const [read, list] of catalog.readers) {
    if (read !== name)
      readers.set(
        read,
        list.filter((reader) => reader !== name),
      );
  }
  return { ...catalog, sources, readers };
}
