import { isVisibleText, visibleTextError, withInvisibleEscaped } from '@isobar/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { dependencyOrder } from './dependency-order.js';
import { parsePipelineObject, type PipelineObject } from './pipeline-object.js';
import { SqlFileError } from './sql-file-error.js';

/**
 * Reads every `.sql` file below the folder, sorted by path, and orders the objects by what they read.
 *
 * @throws SqlFileError for the first file that cannot be part of a pipeline
 */
export async function readPipeline(folder: string): Promise<PipelineObject[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sql'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const objects = await Promise.all(
    files.map(async (path) => {
      const file = relative(folder, path).split(sep).join('/');
      if (!isVisibleText(file))
        throw new SqlFileError(withInvisibleEscaped(file), undefined, `the name of a file ${visibleTextError.error}`);
      return parsePipelineObject(file, await readFile(path, 'utf8'));
    }),
  );
  return dependencyOrder(objects);
}
