import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { repositoryRoot, type StackHome } from '../home.js';
import { StackError } from '../stack-error.js';
import type { JavaRuntime } from './java.js';
import { compareWithLock, quickFingerprint, readJvmLock } from './jvm-lock.js';

const pomFolder = join(repositoryRoot, 'docker', 'jvm');
const stampFile = (home: StackHome): string => join(home.jvm, '.verified');

/** Whether the jars are there and unchanged since they were last compared with the lock; looks at sizes and times only. */
export async function jvmPartsVerified(home: StackHome): Promise<boolean> {
  if (!existsSync(stampFile(home))) return false;
  return readFileSync(stampFile(home), 'utf8') === (await quickFingerprint(home.jvm));
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
export async function ensureJvmParts(home: StackHome, java: JavaRuntime): Promise<FetchedParts | undefined> {
  if (await jvmPartsVerified(home)) return undefined;
  const locked = await readJvmLock();
  if ((await compareWithLock(home.jvm, locked)).length === 0) {
    writeFileSync(stampFile(home), await quickFingerprint(home.jvm));
    return undefined;
  }
  mkdirSync(dirname(home.jvm), { recursive: true });
  const incoming = `${home.jvm}.incoming`;
  rmSync(incoming, { recursive: true, force: true });
  try {
    await resolveJvmParts(incoming, java, home);
    const problems = await compareWithLock(incoming, locked);
    if (problems.length > 0)
      throw new StackError('The JVM parts are not the ones that docker/jvm/jvm.lock.json names', {
        why: problems.slice(0, 3).join('; '),
        fix: "delete the named files from Maven's local repository (~/.m2/repository) and run this again",
        logFile: mavenLog(home),
      });
    rmSync(home.jvm, { recursive: true, force: true });
    renameSync(incoming, home.jvm);
  } finally {
    rmSync(incoming, { recursive: true, force: true });
  }
  writeFileSync(stampFile(home), await quickFingerprint(home.jvm));
  return { files: locked.length, bytes: locked.reduce((sum, { bytes }) => sum + bytes, 0) };
}

const mavenLog = (home: StackHome): string => join(home.logs, 'maven.log');

/** Runs the one POM: with `mvn` when the machine has it, else with the wrapper, which fetches Maven itself. */
export async function resolveJvmParts(folder: string, java: JavaRuntime, home: StackHome): Promise<void> {
  const program = mavenOnPath() ?? join(pomFolder, 'mvnw');
  const logFile = mavenLog(home);
  mkdirSync(home.logs, { recursive: true });
  const log = openSync(logFile, 'w');
  const child = spawn(
    program === join(pomFolder, 'mvnw') ? '/bin/sh' : program,
    [
      ...(program === join(pomFolder, 'mvnw') ? [program] : []),
      '-B',
      '-ntp',
      '-f',
      join(pomFolder, 'pom.xml'),
      `-Dout=${folder}`,
      'generate-resources',
    ],
    { cwd: pomFolder, env: { ...process.env, JAVA_HOME: java.home }, stdio: ['ignore', log, log] },
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
  throw new StackError("Kafka's and Debezium's files could not be fetched with Maven", {
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
