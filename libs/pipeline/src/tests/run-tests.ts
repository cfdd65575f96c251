import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dependencyOrder } from '../files/dependency-order.js';
import { readFolder, type ReadOptions } from '../files/read-pipeline.js';
import { runTest, type TestOutcome } from './run-test.js';

/**
 * Runs every test (`x.test.sql`) of a folder.
 *
 * @param name the one object whose test to run; all when not given
 * @throws SqlFileError for the first file that cannot be read
 */
export async function runTests(folder: string, name?: string, options: ReadOptions = {}): Promise<TestOutcome[]> {
  const { objects, errors, files } = await readFolder(folder, options);
  if (errors[0]) throw errors[0];
  const ordered = dependencyOrder(objects);
  const wanted = ordered.filter((object) => name === undefined || object.name === name.toUpperCase());
  const outcomes: TestOutcome[] = [];
  for (const object of wanted) {
    const file = object.file.replace(/\.sql$/, '.test.sql');
    if (!files.has(file)) continue;
    outcomes.push(runTest({ file, sql: await readFile(join(folder, file), 'utf8') }, object, ordered));
  }
  return outcomes;
}
