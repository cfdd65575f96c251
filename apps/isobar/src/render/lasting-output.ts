import { fstatSync, writeSync } from 'node:fs';

/**
 * Standard output or error of a program that goes on when nobody can read it: the disk of its log is full, or the reader of its pipe has
 * left. What could not be written is counted and told as soon as there is room.
 */
export class LastingOutput {
  readonly #isFile: boolean;
  #lostLines = 0;
  #lostBecause = '';

  constructor(private readonly stream: NodeJS.WriteStream & { readonly fd: number }) {
    this.#isFile = stream.isTTY !== true && isFile(stream.fd);
    stream.on('error', () => undefined);
  }

  write(text: string): void {
    // A stream destroys itself at the first error; a file takes more as soon as there is room again.
    if (!this.#isFile) this.stream.write(text);
    else this.#writeToFile(text);
  }

  #writeToFile(text: string): void {
    try {
      if (this.#lostLines > 0)
        writeSync(this.stream.fd, `(${this.#lostLines} lines are missing here: ${this.#lostBecause})\n`);
      this.#lostLines = 0;
      writeSync(this.stream.fd, text);
    } catch (error) {
      this.#lostLines += text.split('\n').length - 1;
      this.#lostBecause = error instanceof Error ? error.message : String(error);
    }
  }
}

/** A device such as /dev/full is written to as a file is; a pipe is not. */
function isFile(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isFile() || stats.isCharacterDevice();
  } catch {
    return false;
  }
}
