import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * A text that names one process for ever: when it started. A process id alone may belong to another process after a while.
 * @returns undefined when no such process runs (a zombie does not run)
 */
export function startTimeOf(pid: number, platform: NodeJS.Platform = process.platform): string | undefined {
  if (platform === 'linux') {
    const fields = linuxStatFields(pid);
    return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
  }
  const answer = askPs(pid, 'state=,lstart=');
  return answer === '' || answer.startsWith('Z') ? undefined : answer.slice(answer.indexOf(' ')).trim();
}

/** In one language and time zone, whoever asks: the answer is compared with that of another process. */
function askPs(pid: number, columns: string): string {
  const environment = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' };
  return (
    spawnSync('ps', ['-o', columns, '-p', String(pid)], { encoding: 'utf8', env: environment }).stdout?.trim() ?? ''
  );
}

/** The fields of /proc/PID/stat after the command name, which may itself contain spaces and parentheses. */
function linuxStatFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

export function identityOf(pid: number): ProcessIdentity | undefined {
  const startTime = startTimeOf(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

export const isRunning = ({ pid, startTime }: ProcessIdentity): boolean => startTimeOf(pid) === startTime;

/**
 * The name of the program that a process runs, such as `java`, or undefined where the system does not tell. Its arguments are nobody's
 * business: they are long, may span lines, and may hold a password.
 */
export function programOf(pid: number, platform: NodeJS.Platform = process.platform): string | undefined {
  const program = platform === 'linux' ? linuxProgram(pid) : askPs(pid, 'comm=');
  // A server that names its process anew (`postgres: writer`) is known by what stands first.
  const name = basename(program ?? '').split(/[\s:]/)[0] ?? '';
  return name === '' ? undefined : name.slice(0, 30);
}

function linuxProgram(pid: number): string | undefined {
  try {
    const [program] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return program || readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
