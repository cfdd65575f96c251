import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: the nearest folder above this file whose package.json is the workspace's. */
export const repositoryRoot: string = findRepositoryRoot(dirname(fileURLToPath(import.meta.url)));

function findRepositoryRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && readFileSync(manifest, 'utf8').includes('"isobar-workspace"')) return folder;
    if (dirname(folder) === folder) throw new Error(`No isobar-workspace package.json above ${from}`);
  }
}

/** Where one stack keeps its things. Two stacks with two homes run side by side. */
export interface StackHome {
  readonly root: string;
  /** Says that all of this is a stack's own. */
  readonly marker: string;
  /** What `isobar reset` erases. */
  readonly data: string;
  readonly logs: string;
  /** Lock, state and events of the running stack. */
  readonly run: string;
  /** Generated passwords; folder 0700, files 0600. */
  readonly secrets: string;
  /** Rendered configuration files of the parts. */
  readonly config: string;
  /** Which optional parts were asked for. */
  readonly optionalParts: string;
  /** How long each step took when a start last got ready. */
  readonly typicalDurations: string;
  /** Lines typed in the SQL console. */
  readonly sqlHistory: string;
  /** Class-data archives and compiled modules: slow to lose, safe to lose. Shared by every home of the checkout. */
  readonly cache: string;
  /** Kafka's, Connect's and Debezium's jars. Shared by every home of the checkout. */
  readonly jvm: string;
  /** The optional schema registry. Shared by every home of the checkout. */
  readonly registry: string;
  /** A Java runtime fetched because the machine has none. Shared by every home of the checkout. */
  readonly java: string;
}

/** The folders of a stack whose home is `root` (default: `ISOBAR_HOME`, else `.isobar` in the checkout). Creates nothing. */
export function stackHome(root: string = process.env['ISOBAR_HOME'] ?? join(repositoryRoot, '.isobar')): StackHome {
  const absolute = resolve(root);
  const shared = join(repositoryRoot, '.isobar');
  return {
    root: absolute,
    marker: join(absolute, 'isobar-home'),
    data: join(absolute, 'data'),
    logs: join(absolute, 'logs'),
    run: join(absolute, 'run'),
    secrets: join(absolute, 'secrets'),
    config: join(absolute, 'config'),
    optionalParts: join(absolute, 'optional-parts.json'),
    typicalDurations: join(absolute, 'typical-durations.json'),
    sqlHistory: join(absolute, 'sql-history'),
    cache: join(shared, 'cache'),
    jvm: join(shared, 'jvm'),
    registry: join(shared, 'registry'),
    java: join(shared, 'java'),
  };
}

/** Creates the folders of a home that do not exist yet, and marks it unless something of these names was there before. */
export function createHome(home: StackHome): void {
  const isFresh = ![home.data, home.config, home.secrets].some((folder) => existsSync(folder));
  for (const folder of [home.data, home.logs, home.run, home.config, home.cache])
    mkdirSync(folder, { recursive: true });
  mkdirSync(home.secrets, { recursive: true, mode: 0o700 });
  if (isFresh)
    writeFileSync(
      home.marker,
      'The data, settings and passwords here are those of an Isobar stack; reset erases them.\n',
    );
}

/** Whether a home has nothing but what a stack made, so that it may be erased: the checkout's own, or one that was marked. */
export const isOwnHome = (home: StackHome): boolean =>
  home.root === join(repositoryRoot, '.isobar') || existsSync(home.marker);
