import { readFileSync } from 'node:fs';

/** Linux counts process time in these. */
const TICKS_PER_SECOND = 100;

/** User and system time of a process and its ended children, s. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name stands in brackets and may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function statusMb(pid: number, name: string): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(match?.[1] ?? 0) / 1024;
}

export const peakRssMb = (pid: number): number => statusMb(pid, 'VmHWM');
export const rssMb = (pid: number): number => statusMb(pid, 'VmRSS');

/** Resident memory with shared pages divided among those who share them, MB. */
export function pssMb(pid: number): number {
  try {
    const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    return 0; // ended meanwhile
  }
}
