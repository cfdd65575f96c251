import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../log.js';
import type { OutgoingRecord } from './outgoing-record.js';

/**
 * Records that wait on disk, first in, first out, within a limit; they outlive the process.
 *
 * `records.ndjson` holds one record a line (keys, values and headers that are bytes in base64), `position` how many bytes of it are
 * delivered. The position is written after the delivery, so a crash in between delivers some records again, never loses one.
 * A last line that a crash cut off was never accepted and is dropped.
 */
export class DiskQueue {
  private readonly file: string;
  private readonly positionFile: string;
  private descriptor: number;
  private endBytes: number;
  private deliveredBytes: number;
  private takenBytes: number;

  /** Opens the queue of a folder, with what is left of an earlier process. @throws when the folder cannot be written */
  constructor(
    folder: string,
    private readonly limitBytes: number,
  ) {
    mkdirSync(folder, { recursive: true });
    this.file = join(folder, 'records.ndjson');
    this.positionFile = join(folder, 'position');
    this.descriptor = openSync(this.file, 'a+', 0o600);
    this.endBytes = this.dropCutOffLine(fstatSync(this.descriptor).size);
    const position = existsSync(this.positionFile) ? Number(readFileSync(this.positionFile, 'utf8')) : 0;
    this.deliveredBytes = Number.isSafeInteger(position) && position >= 0 && position <= this.endBytes ? position : 0;
    this.takenBytes = this.deliveredBytes;
  }

  /** Bytes that are not delivered yet. */
  get pendingBytes(): number {
    return this.endBytes - this.deliveredBytes;
  }

  get hasUntaken(): boolean {
    return this.takenBytes < this.endBytes;
  }

  /** @returns false when it would exceed the limit */
  append(record: OutgoingRecord): boolean {
    const line = Buffer.from(toLine(record));
    if (this.pendingBytes + line.length > this.limitBytes) return false;
    writeSync(this.descriptor, line);
    this.endBytes += line.length;
    return true;
  }

  /** The next records, as many as fit into `bytesMax` but at least one. They stay in the queue until `delivered`. */
  take(bytesMax: number): readonly OutgoingRecord[] {
    let size = Math.min(bytesMax, this.endBytes - this.takenBytes);
    while (size > 0) {
      const chunk = Buffer.alloc(size);
      readSync(this.descriptor, chunk, 0, size, this.takenBytes);
      const lastLineEnd = chunk.lastIndexOf(lineEnd);
      if (lastLineEnd >= 0) {
        this.takenBytes += lastLineEnd + 1;
        const lines = chunk.subarray(0, lastLineEnd).toString('utf8').split('\n');
        return lines.map(fromLine);
      }
      // One record is longer than that.
      size = Math.min(size * 2, this.endBytes - this.takenBytes);
    }
    return [];
  }

  /** Everything taken is delivered. */
  delivered(): void {
    this.deliveredBytes = this.takenBytes;
    if (this.deliveredBytes === this.endBytes) {
      ftruncateSync(this.descriptor, 0);
      this.endBytes = 0;
      this.deliveredBytes = 0;
      this.takenBytes = 0;
    }
    writeFileSync(this.positionFile, String(this.deliveredBytes));
  }

  /** Puts records before all others: those that were in memory when the process had to stop. The limit does not hold for them. */
  prepend(records: readonly OutgoingRecord[]): void {
    const rest = Buffer.alloc(this.endBytes - this.deliveredBytes);
    readSync(this.descriptor, rest, 0, rest.length, this.deliveredBytes);
    const lines = Buffer.concat([...records.map((record) => Buffer.from(toLine(record))), rest]);
    writeFileSync(`${this.file}.new`, lines, { mode: 0o600 });
    closeSync(this.descriptor);
    renameSync(`${this.file}.new`, this.file);
    writeFileSync(this.positionFile, '0');
    this.descriptor = openSync(this.file, 'a+', 0o600);
    this.endBytes = lines.length;
    this.deliveredBytes = 0;
    this.takenBytes = 0;
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private dropCutOffLine(size: number): number {
    const content = Buffer.alloc(size);
    readSync(this.descriptor, content, 0, size, 0);
    const end = content.lastIndexOf(lineEnd) + 1;
    if (end < size) ftruncateSync(this.descriptor, end);
    return end;
  }
}

/** The queue of a folder, or none when no folder is given or it cannot be written: then records wait in memory alone. */
export function openDiskQueue(folder: string | undefined, limitBytes: number, log: Log): DiskQueue | undefined {
  if (folder === undefined) return undefined;
  try {
    const queue = new DiskQueue(folder, limitBytes);
    if (queue.pendingBytes > 0)
      log.info({ folder, bytes: queue.pendingBytes }, 'records of an earlier run wait for the broker');
    return queue;
  } catch (error) {
    log.warn({ err: error, folder }, 'no buffer on disk; records wait in memory while the broker is away');
    return undefined;
  }
}

const lineEnd = 0x0a;

type Packed = string | { readonly base64: string } | null;

interface Line {
  readonly topic: string;
  readonly key: Packed;
  readonly value: Packed;
  readonly headers?: Readonly<Record<string, Packed | readonly Packed[]>>;
  readonly timestamp?: string;
  readonly partition?: number;
}

const pack = (data: string | Buffer | null): Packed =>
  Buffer.isBuffer(data) ? { base64: data.toString('base64') } : data;

const unpack = (packed: Packed): string | Buffer | null =>
  typeof packed === 'object' && packed !== null ? Buffer.from(packed.base64, 'base64') : packed;

function toLine({ topic, key, value, headers, timestamp, partition }: OutgoingRecord): string {
  const line: Line = {
    topic,
    key: pack(key),
    value: pack(value),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).flatMap(([name, header]) => {
              if (header === undefined) return [];
              return [[name, typeof header === 'string' || Buffer.isBuffer(header) ? pack(header) : header.map(pack)]];
            }),
          ),
        }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(partition === undefined ? {} : { partition }),
  };
  return `${JSON.stringify(line)}\n`;
}

/** The file is our own; a line in it was written by `toLine`. */
function fromLine(text: string): OutgoingRecord {
  const { topic, key, value, headers, timestamp, partition } = JSON.parse(text) as Line;
  return {
    topic,
    key: unpack(key),
    value: unpack(value),
    ...(headers === undefined
      ? {}
      : {
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, header]) => [
              name,
              Array.isArray(header)
                ? header.map((item: Packed) => unpack(item) ?? '')
                : (unpack(header as Packed) ?? ''),
            ]),
          ),
        }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(partition === undefined ? {} : { partition }),
  };
}
