import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { repositoryRoot } from '../machine.js';

const source = join(repositoryRoot, 'bench', 'peer-kafka-streams');
const out = join(repositoryRoot, '.isobar', 'bench', 'peer');

/** Compiles the Kafka Streams program when it changed since the last time. Gives its class path. */
export function buildPeer(): string {
  const files = globSync('{pom.xml,src/**/*.java}', { cwd: source }).sort();
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(source, file)));
  const version = hash.digest('hex');
  const stamp = join(out, 'source.sha256');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== version) {
    const maven = findMaven();
    const built = spawnSync(maven, ['-B', '-ntp', '-q', '-f', join(source, 'pom.xml'), 'compile', `-Dout=${out}`], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (built.status !== 0) throw new Error(`${maven} could not compile ${source}; it needs Java 17 or newer (a JDK)`);
    writeFileSync(stamp, version);
  }
  return `${join(out, 'classes')}:${join(out, 'libs', '*')}`;
}

/** Maven from the path, else the committed wrapper, which fetches it. */
function findMaven(): string {
  const onPath = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, 'mvn'))
    .find((file) => existsSync(file) && statSync(file).isFile());
  return onPath ?? join(repositoryRoot, 'docker', 'jvm', 'mvnw');
}
