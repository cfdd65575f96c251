import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';
import type { StackError } from '../stack-error.js';
import { temporaryHome } from '../testing/fake-part.js';
import type { JavaRuntime } from './java.js';
import { ensureJvmParts, jvmPartsVerified, kafkaAndConnect, schemaRegistry } from './jvm-parts.js';

const java: JavaRuntime = {
  executable: '/no/java',
  home: '/no',
  version: '21.0.1',
  hasBaseArchive: false,
  from: 'JAVA_HOME',
};

describe('JVM parts', () => {
  const path = process.env['PATH'];
  let home: StackHome;
  let bin: string;

  beforeEach(() => {
    const temporary = temporaryHome();
    home = { ...temporary, jvm: join(temporary.root, 'jvm'), registry: join(temporary.root, 'registry') };
    bin = join(home.root, 'bin');
    mkdirSync(bin);
  });
  afterEach(() => {
    process.env['PATH'] = path;
  });

  /** A `mvn` that does what a script says. */
  function fakeMaven(script: string): void {
    writeFileSync(join(bin, 'mvn'), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, 'mvn'), 0o755);
    process.env['PATH'] = `${bin}:${path}`;
  }

  const failure = async (bundle = kafkaAndConnect): Promise<StackError> =>
    (await ensureJvmParts(home, java, bundle).catch((error: unknown) => error)) as StackError;

  it('are refused when Maven brings other bytes than the lock names', async () => {
    fakeMaven(
      'for a in "$@"; do case $a in -Dout=*) mkdir -p "${a#-Dout=}/libs"; echo x > "${a#-Dout=}/libs/evil.jar";; esac; done',
    );
    const error = await failure();
    expect(error.message).toBe("Kafka's and Debezium's files are not the ones that docker/jvm/jvm.lock.json names");
    expect(error.details.why).toMatch(/\.jar is missing/);
    expect(error.details.fix).toContain('~/.m2/repository');
    expect(existsSync(home.jvm)).toBe(false);
    expect(await jvmPartsVerified(home)).toBe(false);
  });

  it('say what Maven said when it fails, and where its log is', async () => {
    fakeMaven('echo "[ERROR] Could not transfer artifact: unknown host"; exit 1');
    const error = await failure();
    expect(error.details.why).toBe('Could not transfer artifact: unknown host');
    expect(error.details.fix).toContain('Maven Central');
    expect(readFileSync(error.details.logFile ?? '', 'utf8')).toContain('unknown host');
  });

  it('of the schema registry are asked for by themselves, and named when they cannot be had', async () => {
    fakeMaven('echo "[ERROR] asked for $*"; exit 1');
    const error = await failure(schemaRegistry);
    expect(error.message).toBe("The schema registry's files could not be fetched with Maven");
    expect(error.details.why).toMatch(/docker\/jvm\/registry\/pom\.xml -Dout=\S+registry\.incoming/);
    expect(existsSync(home.jvm)).toBe(false);
  });
});
