import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { StackError } from './stack-error.js';
import type { StackHome } from './home.js';
import type { OptionalStep } from './plan.js';

const mebibyte = 1024 * 1024;
/** What the whole stack takes at rest, with some room; ISOBAR_MEMORY_NEEDED_MB overrides it. */
const defaultMemoryNeededMb = 1200;
const optionalMemoryMb: Readonly<Record<OptionalStep, number>> = { registry: 200 };
/** ISOBAR_DISK_NEEDED_MB overrides it. */
const defaultDiskNeededMb = 500;

export interface MachineCheck {
  readonly nodeVersion: string;
  readonly memoryFreeMb: number;
  readonly diskFreeMb: number;
}

export function inspectMachine(home: StackHome): MachineCheck {
  const { bavail, bsize } = statfsSync(home.root);
  return {
    nodeVersion: process.versions.node,
    memoryFreeMb: availableMemoryMb(),
    diskFreeMb: Math.floor((bavail * bsize) / mebibyte),
  };
}

/**
 * The memory that programs can still get, in MB. On macOS what Node calls available is only what nothing at all was put into; the system
 * gives away its caches before.
 */
export function availableMemoryMb(platform: NodeJS.Platform = process.platform, vmStat = askVmStat): number {
  const bytes = (platform === 'darwin' ? reclaimableBytes(vmStat()) : undefined) ?? process.availableMemory();
  return Math.floor(bytes / mebibyte);
}

const askVmStat = (): string => spawnSync('/usr/bin/vm_stat', { encoding: 'utf8' }).stdout ?? '';

function reclaimableBytes(vmStat: string): number | undefined {
  const pageSize = Number(/page size of (\d+) bytes/.exec(vmStat)?.[1]);
  const pages = ['free', 'inactive', 'speculative'].map((kind) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)`, 'm').exec(vmStat)?.[1]),
  );
  const bytes = pageSize * pages.reduce((sum, count) => sum + count, 0);
  return Number.isNaN(bytes) ? undefined : bytes;
}

/** With the optional parts that run besides. */
export const memoryNeededMb = (optional: readonly OptionalStep[] = []): number =>
  megabytesFrom(
    'ISOBAR_MEMORY_NEEDED_MB',
    optional.reduce((sum, step) => sum + optionalMemoryMb[step], defaultMemoryNeededMb),
  );
export const diskNeededMb = (): number => megabytesFrom('ISOBAR_DISK_NEEDED_MB', defaultDiskNeededMb);

/** @throws StackError when the variable holds no number: any amount would be enough then */
function megabytesFrom(variable: string, defaultMb: number): number {
  const text = process.env[variable] ?? String(defaultMb);
  if (/^\d+$/.test(text)) return Number(text);
  throw new StackError(`${variable}=${text} is no number of MB`, {
    fix: `leave it out, or give a number: ${variable}=${defaultMb}`,
  });
}

/** @throws StackError when the machine cannot hold the stack */
export function requireMachine(
  { memoryFreeMb, diskFreeMb }: MachineCheck,
  optional: readonly OptionalStep[] = [],
): void {
  const neededMb = memoryNeededMb(optional);
  if (memoryFreeMb < neededMb)
    throw new StackError(`${memoryFreeMb} MB of memory are free, about ${neededMb} MB are needed`, {
      why: 'parts that run out of memory are ended by the system, one after the other',
      fix: 'close other programs, or start anyway: ISOBAR_MEMORY_NEEDED_MB=0 npx isobar up',
    });
  if (diskFreeMb < diskNeededMb())
    throw new StackError(`${diskFreeMb} MB of disk are free, about ${diskNeededMb()} MB are needed`, {
      why: 'Kafka and PostgreSQL stop when the disk is full',
      fix: 'free some space, or keep the data elsewhere: npx isobar up --home DIR',
    });
}

/**
 * In read-only mode nothing is deployed, so a home that holds nothing would wait for its queries for ever.
 *
 * @param isDeployed whether the steps that run bring a pipeline
 * @throws StackError when there is nothing to read yet
 */
export function requireSomethingToRead(home: StackHome, isDeployed: boolean, environment = process.env): void {
  if (environment['READ_ONLY'] !== 'true' || !isDeployed || existsSync(join(home.data, 'kafka'))) return;
  throw new StackError(`READ_ONLY=true, and there is nothing to read in ${home.root} yet`, {
    why: 'in this mode ksql-server refuses every change, the first deployment of the queries among them',
    fix: 'run npx isobar up once without READ_ONLY until it is ready, stop it, then start it with READ_ONLY=true again',
  });
}
