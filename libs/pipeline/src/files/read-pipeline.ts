import { isVisibleText, visibleTextError, withInvisibleEscaped } from '@isobar/contracts';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { dependencyOrder } from './dependency-order.js';
import { parsePipelineObject, type PipelineObject } from './pipeline-object.js';
import { SqlFileError } from './sql-file-error.js';
import { parseVariables, putVariables, variablesFile, type Variables } from './variables.js';

export interface ReadOptions {
  /** Whose values the variables have; their defaults when not given. */
  readonly environment?: string | undefined;
}

/** What a folder holds: its objects in the order of their paths, and what is wrong with those that are none. */
export interface PipelineFolder {
  readonly objects: readonly PipelineObject[];
  readonly errors: readonly SqlFileError[];
  /** All files below the folder, relative to it. */
  readonly files: ReadonlySet<string>;
}

/**
 * Reads every `.sql` file below the folder, sorted by path, and orders the objects by what they read.
 *
 * @throws SqlFileError for the first file that cannot be part of a pipeline
 */
export async function readPipeline(folder: string, options: ReadOptions = {}): Promise<PipelineObject[]> {
  const { objects, errors } = await readFolder(folder, options);
  if (errors[0]) throw errors[0];
  return dependencyOrder(objects);
}

/** The same file by file. A test beside a file (`x.test.sql`) is no object. */
export async function readFolder(folder: string, { environment }: ReadOptions = {}): Promise<PipelineFolder> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
  const errors: SqlFileError[] = [];
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof SqlFileError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const isThere = files.includes(variablesFile);
  const json = isThere ? await readFile(join(folder, variablesFile), 'utf8') : '{"variables":{}}';
  const variables: Variables = attempt(() => parseVariables(json, isThere ? environment : undefined)) ?? new Map();
  const texts = await Promise.all(
    files.filter(isObjectFile).map(async (file) => ({ file, text: await readFile(join(folder, file), 'utf8') })),
  );
  const byCase = new Map<string, string>();
  const objects = texts.flatMap(({ file, text }) => {
    const object = attempt(() => {
      requireFileName(file, byCase);
      return parsePipelineObject(file, putVariables(file, text, variables));
    });
    return object === undefined ? [] : [object];
  });
  return { objects, errors, files: new Set(files) };
}

const isObjectFile = (file: string): boolean => file.endsWith('.sql') && !file.endsWith('.test.sql');

function requireFileName(file: string, byCase: Map<string, string>): void {
  if (!isVisibleText(file))
    throw new SqlFileError(withInvisibleEscaped(file), undefined, `the name of a file ${visibleTextError.error}`);
  const other = byCase.get(file.toLowerCase());
  byCase.set(file.toLowerCase(), file);
  if (other === undefined) return;
  throw new SqlFileError(
    file,
    undefined,
    `its name differs from ${other} in case only: where names have no case, one would take the place of the other`,
    'another name for one of the two',
  );
}
