import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes files that only spare work after a restart: answers, the requests of the day, what was published. A disk that takes none costs no
 * weather, so nothing here throws; `trouble` says why a restart would know less, until a file can be written again.
 */
export class CacheFiles {
  private failure: string | undefined;

  get trouble(): string | undefined {
    return this.failure;
  }

  /** Replaces the file in one step, so that a crash leaves no half of one, and makes its folder. */
  write(file: string, text: string): void {
    const temporary = temporaryOf(file);
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(temporary, text);
      renameSync(temporary, file);
      this.failure = undefined;
    } catch (error) {
      this.failed(file, error);
    }
  }

  /** The same without holding anybody up, for what may be large. */
  async writeAside(file: string, text: string): Promise<void> {
    const temporary = temporaryOf(file);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(temporary, text);
      await rename(temporary, file);
      this.failure = undefined;
    } catch (error) {
      this.failed(file, error);
    }
  }

  private failed(file: string, error: unknown): void {
    this.failure = isNoRoom(error) ? `no room on the disk of ${dirname(file)}` : String(error);
  }
}

/** No room on the disk, or no more than somebody may have of it. */
export const isNoRoom = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (error.code === 'ENOSPC' || error.code === 'EDQUOT');

/** A second process with the same folder writes a file of its own; the last one counts. */
const temporaryOf = (file: string): string => `${file}.${process.pid}.new`;
