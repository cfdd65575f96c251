import { hash } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** One file of a bundle, as it must be: path below the bundle's folder, size in bytes, SHA-256 in hexadecimal. */
export interface LockedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export async function readJvmLock(file: string): Promise<readonly LockedFile[]> {
  return (JSON.parse(await readFile(file, 'utf8')) as { files: LockedFile[] }).files;
}

/** Records the jars of a resolved folder. */
export async function writeJvmLock(folder: string, file: string): Promise<readonly LockedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.jar'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
  const files = await Promise.all(
    paths.map(async (path) => {
      const content = await readFile(join(folder, path));
      return { path, bytes: content.length, sha256: hash('sha256', content) };
    }),
  );
  await writeFile(file, `${JSON.stringify({ files }, undefined, 2)}\n`);
  return files;
}

/**
 * Compares a folder with the lock.
 * @returns one sentence per file that is missing, other, or not in the lock; none when all is as locked
 */
export async function compareWithLock(folder: string, locked: readonly LockedFile[]): Promise<string[]> {
  const problems = await Promise.all(
    locked.map(async ({ path, sha256 }) => {
      try {
        const found = hash('sha256', await readFile(join(folder, path)));
        return found === sha256 ? undefined : `${path} has SHA-256 ${found}, expected ${sha256}`;
      } catch {
        return `${path} is missing`;
      }
    }),
  );
  const expected = new Set(locked.map(({ path }) => path));
  const strangers = (await readdir(folder, { recursive: true }).catch(() => []))
    .filter((path) => path.endsWith('.jar') && !expected.has(path))
    .map((path) => `${path} is not in the lock file`);
  return [...problems.filter((problem) => problem !== undefined), ...strangers];
}

/** A text that changes when any locked file, or the lock, changes on disk: sizes and times, no content. */
export async function quickFingerprint(folder: string, lockFile: string): Promise<string> {
  const lock = await readFile(lockFile);
  const { files } = JSON.parse(lock.toString()) as { files: LockedFile[] };
  const onDisk = await Promise.all(
    files.map(async ({ path }) => {
      const found = await stat(join(folder, path)).catch(() => undefined);
      return found === undefined ? `${path} missing` : `${path} ${found.size} ${found.mtimeMs}`;
    }),
  );
  return hash('sha256', [lock.toString(), ...onDisk].join('\n'));
}
