import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { StackHome } from '../home.js';
import type { LaunchSpec } from '../process/part-process.js';
import type { JavaRuntime } from './java.js';

export interface JvmLaunch {
  readonly java: JavaRuntime;
  readonly home: StackHome;
  /** Names the class-data archive; without it none is made. */
  readonly role?: 'broker' | 'connect';
  /** A class of Kafka's jars, or a jar that names its own. */
  readonly program: { readonly mainClass: string } | { readonly jar: string };
  readonly args: readonly string[];
  readonly heapMaxMb: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The class path as an explicit, sorted list: `libs/*` follows the folder's order, and a class-data archive depends on the order. */
export function classPath(home: StackHome): string {
  const libs = join(home.jvm, 'libs');
  return readdirSync(libs)
    .filter((name) => name.endsWith('.jar'))
    .sort()
    .map((name) => join(libs, name))
    .join(delimiter);
}

/**
 * How a JVM part is started: a small heap, the serial collector, the quick compiler alone, and, for those with a role, a class-data
 * archive, which halves the start. The archive is made by the first run that stops in order; see {@link keepArchive}.
 */
export function jvmLaunch({
  java,
  home,
  role,
  program,
  args,
  heapMaxMb,
  environment = {},
}: JvmLaunch): LaunchSpec & { readonly freshArchive?: FreshArchive } {
  const jars = 'jar' in program ? program.jar : classPath(home);
  const archive = role !== undefined && java.hasBaseArchive ? archiveFile(java, home, role, jars) : undefined;
  const freshArchive =
    archive === undefined || existsSync(archive)
      ? undefined
      : { file: archive, temporary: `${archive}.${process.pid}.${Date.now()}` };
  const archiveFlags =
    archive === undefined
      ? []
      : freshArchive === undefined
        ? [`-XX:SharedArchiveFile=${archive}`]
        : [`-XX:ArchiveClassesAtExit=${freshArchive.temporary}`];
  return {
    file: java.executable,
    args: [
      '-Xms64m',
      `-Xmx${heapMaxMb}m`,
      '-XX:+UseSerialGC',
      // The optimising compiler takes a third of the whole stack's start and 60 MB of the broker, for speed that no laptop's load asks for.
      '-XX:TieredStopAtLevel=1',
      ...archiveFlags,
      '-Djava.awt.headless=true',
      `-Dlog4j2.configurationFile=${join(home.config, 'log4j2.properties')}`,
      ...('jar' in program ? ['-jar', program.jar] : ['-cp', jars, program.mainClass]),
      ...args,
    ],
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8', TZ: 'UTC', ...environment },
    cwd: home.root,
    ...(freshArchive === undefined ? {} : { freshArchive }),
  };
}

export interface FreshArchive {
  readonly file: string;
  readonly temporary: string;
}

/** After an orderly stop: puts the archive that the JVM wrote in its place, in one step, so that no other start sees half of it. */
export function keepArchive({ file, temporary }: FreshArchive): void {
  if (existsSync(temporary)) renameSync(temporary, file);
}

/** One archive per Java build and set of jars; a foreign one would only be ignored by the JVM, with a warning. */
function archiveFile(java: JavaRuntime, home: StackHome, role: string, jars: string): string {
  mkdirSync(home.cache, { recursive: true });
  const binary = statSync(java.executable);
  const jarTimes = jars.split(delimiter).map((jar) => statSync(jar).mtimeMs);
  const fingerprint = createHash('sha256')
    .update([java.home, java.version, binary.size, binary.mtimeMs, jars, ...jarTimes].join('\n'))
    .digest('hex')
    .slice(0, 16);
  return join(home.cache, `${role}-${fingerprint}.jsa`);
}

/** What Kafka and Connect log and how; progress and errors, without the clients' chatter. */
export const log4j2Properties = `status=warn
rootLogger.level=INFO
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.target=SYSTEM_OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %-5p %c{1} %m%n
logger.clients.name=org.apache.kafka.clients
logger.clients.level=WARN
logger.configs.name=org.apache.kafka.common.config.AbstractConfig
logger.configs.level=WARN
`;
