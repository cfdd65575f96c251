import type { PipelineObject } from './pipeline-object.js';
import { SqlFileError } from './sql-file-error.js';

/**
 * Orders objects so that each comes after all it reads; among equals the order of the files stays.
 *
 * @throws SqlFileError naming the files of a cycle, of a name declared twice, or of a source that no file declares
 */
export function dependencyOrder(objects: readonly PipelineObject[]): PipelineObject[] {
  const byName = new Map<string, PipelineObject>();
  const byCase = new Map<string, PipelineObject>();
  for (const object of objects) {
    const other = byCase.get(object.name.toUpperCase());
    if (other) {
      const spelled =
        other.name === object.name ? '' : ` as ${other.name}: names that differ in case only are taken for one`;
      throw new SqlFileError(
        object.file,
        object.place,
        `${object.name} is already declared in ${other.file}${spelled}`,
        'another name in one of the two files, or remove one',
      );
    }
    byCase.set(object.name.toUpperCase(), object);
    byName.set(object.name, object);
  }

  const written = writersByTopic(objects);
  const ordered: PipelineObject[] = [];
  const done = new Set<string>();
  const visit = (object: PipelineObject, path: readonly PipelineObject[]): void => {
    if (done.has(object.name)) return;
    const start = path.indexOf(object);
    if (start !== -1) {
      const circle = [...path.slice(start), object].map((each) => `${each.name} (${each.file})`).join(' reads ');
      const next = path[start + 1] ?? object;
      throw new SqlFileError(
        object.file,
        object.sourcePlaces.get(next.name) ?? object.place,
        `the objects read each other in a circle: ${circle}`,
        'a query that reads only what comes before it: split the one that closes the circle',
      );
    }
    for (const source of object.sources) {
      const needed = byName.get(source);
      if (!needed) {
        const known = [...byName.keys()].join(', ');
        throw new SqlFileError(
          object.file,
          object.sourcePlaces.get(source),
          `${object.name} reads ${source}, which no file declares. Declared: ${known}`,
          `one of the declared names, or a file that declares ${source}`,
        );
      }
      visit(needed, [...path, object]);
    }
    const writer = writerFor(object, written);
    if (writer) visit(writer, [...path, object]);
    done.add(object.name);
    ordered.push(object);
  };
  for (const object of objects) visit(object, []);
  return ordered;
}

/** The objects themselves and everything that reads them, directly or not, in dependency order. */
export function withDependants(names: readonly string[], ordered: readonly PipelineObject[]): PipelineObject[] {
  const affected = new Set(names);
  const written = writersByTopic(ordered);
  return ordered.filter((object) => {
    const writer = writerFor(object, written);
    const isAffected =
      affected.has(object.name) ||
      object.sources.some((source) => affected.has(source)) ||
      (writer !== undefined && affected.has(writer.name));
    if (isAffected) affected.add(object.name);
    return isAffected;
  });
}

const writersByTopic = (objects: readonly PipelineObject[]): ReadonlyMap<string, PipelineObject> =>
  new Map(objects.filter(({ isQuery }) => isQuery).map((object) => [object.topic, object]));

/** The query whose result topic an object is declared over: it creates the topic, so it comes first. */
const writerFor = (object: PipelineObject, written: ReadonlyMap<string, PipelineObject>): PipelineObject | undefined =>
  object.isQuery ? undefined : written.get(object.topic);
