import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * Every process that names the folder in its command line or environment, or works in it: the supervisor, its parts and their
 * children, whoever their parent is. Elsewhere than on Linux command lines and environments of one's own processes.
 * @returns a process id and the start of its command each
 */
export function processesOf(folder: string): string[] {
  return (process.platform === 'linux' ? linuxProcesses(folder) : otherProcesses(folder)).filter(
    (found) => Number.parseInt(found, 10) !== process.pid,
  );
}

function linuxProcesses(folder: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    const command = orEmpty(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
    const environment = orEmpty(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    const workingFolder = orEmpty(() => readlinkSync(`/proc/${pid}/cwd`));
    const isOfFolder = [command, environment, workingFolder].some((text) => text.includes(folder));
    return isOfFolder ? [`${pid} ${command.slice(0, 80)}`] : [];
  });
}

function otherProcesses(folder: string): string[] {
  return spawnSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter((line) => line.includes(folder))
    .map((line) => line.trim().slice(0, 80));
}

/** Processes come and go, and some are another user's. */
function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
  }
}
