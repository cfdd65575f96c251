import type { LeaseServer } from '@isobar/ksql-engine';
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

const ANY_ADDRESS = new Set(['0.0.0.0', '::', '[::]', '']);

/** Where others ask a server: what it is told to say, or else where it listens. */
export function advertisedUrl(properties: Readonly<Record<string, string>>, host: string, port: number): string {
  const told = properties['ksql.advertised.listener'];
  if (told !== undefined) return told.replace(/\/+$/, '');
  const name = ANY_ADDRESS.has(host) ? hostname() : host;
  return `http://${name.includes(':') && !name.startsWith('[') ? `[${name}]` : name}:${port}`;
}

/** This process, as the other servers of its service id know it. */
export const thisServer = (url: string): LeaseServer => ({
  id: randomUUID(),
  url,
  machine: machine(),
  pid: process.pid,
});

/** Whether its process has ended for certain. Of one on another machine, or in another container, nobody here knows. */
export function isGone(server: Pick<LeaseServer, 'machine' | 'pid'>): boolean {
  if (server.machine !== machine()) return false;
  // An earlier process that had this one's number.
  return server.pid === process.pid || !isRunning(server.pid);
}

/** What process numbers mean something in: this boot of this host, and where there are containers, this one. */
function machine(): string {
  return [hostname(), read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())]
    .concat(read(() => readlinkSync('/proc/self/ns/pid')))
    .join(' ')
    .trim();
}

/** Nothing where the system has no such thing. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs, as another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
