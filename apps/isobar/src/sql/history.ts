import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export const HISTORY_LINES_MAX = 1000;

/** Lines typed in earlier consoles, newest first, as `readline` takes them; none when the file cannot be read. */
export function readHistory(file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .reverse();
  } catch {
    return [];
  }
}

/** Keeps the lines, oldest first, for their owner alone. A history that cannot be written is not worth an error. */
export function writeHistory(file: string, newestFirst: readonly string[]): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      newestFirst
        .slice(0, HISTORY_LINES_MAX)
        .toReversed()
        .map((line) => `${line}\n`)
        .join(''),
      { mode: 0o600 },
    );
    chmodSync(file, 0o600);
  } catch {
    // The console works without it.
  }
}
