import { createServer } from 'node:net';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { programOf } from './process/process-identity.js';

/** Whether a server could listen there now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** The first free port at or after `from` that is not in `avoid`. */
export async function nextFreePort(from: number, avoid: ReadonlySet<number>): Promise<number> {
  for (let port = from; port < 65_536; port++) if (!avoid.has(port) && (await isPortFree(port))) return port;
  throw new Error(`No free port between ${from} and 65535`);
}

/**
 * Free ports for short-lived stacks. Below 32768, where systems start taking ports for outgoing connections, so that no client's
 * connection takes the port between the choice and the listening.
 */
export async function randomFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (!ports.has(port) && (await isPortFree(port))) ports.add(port);
  }
  return [...ports];
}

export interface PortHolder {
  readonly pid?: number;
  /** The name of its program. */
  readonly program?: string;
}

/** Who listens on a port, as far as the system tells a user like us. */
export function portHolder(port: number, platform: NodeJS.Platform = process.platform): PortHolder {
  const pid = platform === 'linux' ? linuxListener(port) : lsofListener(port);
  return pid === undefined ? {} : holderOf(pid, platform);
}

export function holderOf(pid: number, platform: NodeJS.Platform = process.platform): PortHolder {
  const program = programOf(pid, platform);
  return program === undefined ? { pid } : { pid, program };
}

/** `process 4123 (java)`, or `another process` where the system does not tell. */
export function describeHolder({ pid, program }: PortHolder): string {
  if (pid === undefined) return 'another process';
  return program === undefined ? `process ${pid}` : `process ${pid} (${program})`;
}

function linuxListener(port: number): number | undefined {
  const inodes = new Set<string>();
  const portHex = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      const columns = line.trim().split(/\s+/);
      const [, local, , state] = columns;
      if (state === '0A' && local?.endsWith(`:${portHex}`) && columns[9] !== undefined) inodes.add(columns[9]);
    }
  }
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
        const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1];
        if (inode !== undefined && inodes.has(inode)) return Number(pid);
      }
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  return undefined;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function lsofListener(port: number): number | undefined {
  const answer = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  const pid = Number(answer.stdout?.split('\n')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}
