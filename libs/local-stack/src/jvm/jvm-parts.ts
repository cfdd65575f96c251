import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { repositoryRoot, type StackHome } from '../home.js';
import { StackError } from '../stack-error.js';
import type { JavaRuntime } from './java.js';
import { compareWithLock, quickFingerprint, readJvmLock } from './jvm-lock.js';

const jvmFolder = join(repositoryRoot, 'docker', 'jvm');

/** Jars that Maven brings together: what one POM names, checked against the lock beside it. */
export interface JvmBundle {
  /** As the subject of a sentence. */
  readonly what: string;
  readonly pomFile: string;
  readonly lockFile: string;
  /** Where they are kept. */
  readonly folder: (home: StackHome) => string;
  readonly logName: string;
  /** What fetching them is called among the steps of a start. */
  readonly stepName: string;
}

/** What every start needs. */
export const kafkaAndConnect: JvmBundle = {
  what: "Kafka's and Debezium's files",
  pomFile: join(jvmFolder, 'pom.xml'),
  lockFile: join(jvmFolder, 'jvm.lock.json'),
  folder: (home) => home.jvm,
  logName: 'maven.log',
  stepName: 'jvm-parts',
};

/** What a start with the schema registry needs besides. */
export const schemaRegistry: JvmBundle = {
  what: "The schema registry's files",
  pomFile: join(jvmFolder, 'registry', 'pom.xml'),
  lockFile: join(jvmFolder, 'registry', 'registry.lock.json'),
  folder: (home) => home.registry,
  logName: 'maven-registry.log',
  stepName: 'registry-parts',
};

const stampFile = (home: StackHome, { folder }: JvmBundle): string => join(folder(home), '.verified');

/** Whether the jars are there and unchanged since they were last compared with the lock; looks at sizes and times only. */
export async function jvmPartsVerified(home: StackHome, bundle: JvmBundle = kafkaAndConnect): Promise<boolean> {
  const stamp = stampFile(home, bundle);
  if (!existsSync(stamp)) return false;
  return readFileSync(stamp, 'utf8') === (await quickFingerprint(bundle.folder(home), bundle.lockFile));
}

export interface FetchedParts {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Makes sure that the jars are there and are the locked ones; fetches them with Maven otherwise.
 * @returns what was fetched, or undefined when everything was there
 * @throws StackError when Maven fails or brings other bytes than the lock names
 */
export async function ensureJvmParts(
  home: StackHome,
  java: JavaRuntime,
  bundle: JvmBundle = kafkaAndConnect,
): Promise<FetchedParts | undefined> {
  if (await jvmPartsVerified(home, bundle)) return undefined;
  const folder = bundle.folder(home);
  const locked = await readJvmLock(bundle.lockFile);
  const noteVerified = async (): Promise<void> =>
    writeFileSync(stampFile(home, bundle), await quickFingerprint(folder, bundle.lockFile));
  if ((await compareWithLock(folder, locked)).length === 0) {
    await noteVerified();
    return undefined;
  }
  mkdirSync(dirname(folder), { recursive: true });
  const incoming = `${folder}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  try {
    await resolveJvmParts(incoming, java, home, bundle);
    const problems = await compareWithLock(incoming, locked);
    if (problems.length > 0)
      throw new StackError(`${bundle.what} are not the ones that ${relative(repositoryRoot, bundle.lockFile)} names`, {
        why: problems.slice(0, 3).join('; '),
        fix: "delete the named files from Maven's local repository (~/.m2/repository) and run this again",
        logFile: mavenLog(home, bundle),
      });
    rmSync(folder, { recursive: true, force: true });
    renameSync(incoming, folder);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
  await noteVerified();
  return { files: locked.length, bytes: locked.reduce((sum, { bytes }) => sum + bytes, 0) };
}

const mavenLog = (home: StackHome, { logName }: JvmBundle): string => join(home.logs, logName);

/** Runs a bundle's POM: with `mvn` when the machine has it, else with the wrapper, which fetches Maven itself. */
export async function resolveJvmParts(
  folder: string,
  java: JavaRuntime,
  home: StackHome,
  bundle: JvmBundle = kafkaAndConnect,
): Promise<void> {
  const wrapper = join(jvmFolder, 'mvnw');
  const program = mavenOnPath() ?? wrapper;
  const logFile = mavenLog(home, bundle);
  mkdirSync(home.logs, { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(
    program === wrapper ? '/bin/sh' : program,
    [
      ...(program === wrapper ? [program] : []),
      '-B',
      '-ntp',
      '-f',
      bundle.pomFile,
      `-Dout=${folder}`,
      'generate-resources',
    ],
    { cwd: jvmFolder, env: { ...process.env, JAVA_HOME: java.home }, stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const endMaven = (): void => void child.kill();
  process.once('exit', endMaven);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('exit', resolve);
  });
  process.removeListener('exit', endMaven);
  if (code === 0) return;
  const firstError = readFileSync(logFile, 'utf8')
    .split('\n')
    .find((line) => line.includes('ERROR'));
  throw new StackError(`${bundle.what} could not be fetched with Maven`, {
    why: firstError?.replace(/^\[ERROR\]\s*/, '') ?? `${program} ended with code ${code}`,
    fix: 'check that this machine reaches Maven Central (mirrors and proxies are read from ~/.m2/settings.xml), then run this again',
    logFile,
  });
}

function mavenOnPath(): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder !== '' && existsSync(join(folder, 'mvn'))) return join(folder, 'mvn');
  }
  return undefined;
}
