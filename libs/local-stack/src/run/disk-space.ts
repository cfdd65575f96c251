import { statfsSync } from 'node:fs';

const mebibyte = 1024 * 1024;
/** Below this much room nothing is started: Kafka and PostgreSQL would only end again. */
const leastFreeMb = 32;
const lowMb = 200;

/** The room left in a folder's file system, in MB. */
export function freeDiskMb(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return Math.floor((bavail * bsize) / mebibyte);
}

export interface DiskVerdict {
  /** Set when nothing more can be written. */
  readonly full?: string;
  /** Set when that is near. */
  readonly low?: string;
}

/** How it stands with the room for data. A folder that is not there says nothing. */
export function judgeDisk(folders: readonly string[], free: (folder: string) => number = freeDiskMb): DiskVerdict {
  const [least] = folders
    .map((folder) => ({ folder, freeMb: freeOrUnknown(folder, free) }))
    .sort((a, b) => a.freeMb - b.freeMb);
  if (least === undefined || least.freeMb >= lowMb) return {};
  const { folder, freeMb } = least;
  return freeMb < leastFreeMb
    ? { full: `no space left in ${folder} (${freeMb} MB free, ${leastFreeMb} MB needed to go on)` }
    : { low: `only ${freeMb} MB of disk are free in ${folder}` };
}

function freeOrUnknown(folder: string, free: (folder: string) => number): number {
  try {
    return free(folder);
  } catch {
    return Infinity;
  }
}
