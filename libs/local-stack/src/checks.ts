import { statfsSync } from 'node:fs';
import { StackError } from './stack-error.js';
import type { StackHome } from './home.js';

const mebibyte = 1024 * 1024;
/** What the whole stack takes at rest, with some room; ISOBAR_MEMORY_NEEDED_MB overrides it. */
const defaultMemoryNeededMb = 1200;
const diskNeededMb = 500;

export interface MachineCheck {
  readonly nodeVersion: string;
  readonly memoryFreeMb: number;
  readonly diskFreeMb: number;
}

export function inspectMachine(home: StackHome): MachineCheck {
  const { bavail, bsize } = statfsSync(home.root);
  return {
    nodeVersion: process.versions.node,
    memoryFreeMb: Math.floor(process.availableMemory() / mebibyte),
    diskFreeMb: Math.floor((bavail * bsize) / mebibyte),
  };
}

export const memoryNeededMb = (): number => Number(process.env['ISOBAR_MEMORY_NEEDED_MB'] ?? defaultMemoryNeededMb);

/** @throws StackError when the machine cannot hold the stack */
export function requireMachine({ memoryFreeMb, diskFreeMb }: MachineCheck): void {
  if (memoryFreeMb < memoryNeededMb())
    throw new StackError(`${memoryFreeMb} MB of memory are free, about ${memoryNeededMb()} MB are needed`, {
      why: 'parts that run out of memory are ended by the system, one after the other',
      fix: 'close other programs, or start anyway: ISOBAR_MEMORY_NEEDED_MB=0 isobar up',
    });
  if (diskFreeMb < diskNeededMb)
    throw new StackError(`${diskFreeMb} MB of disk are free, about ${diskNeededMb} MB are needed`, {
      why: 'Kafka and PostgreSQL stop when the disk is full',
      fix: 'free some space, or keep the data elsewhere: isobar up --home DIR',
    });
}
