// Writes the lock files of the JVM parts anew, after a change of docker/jvm/pom.xml or docker/jvm/registry/pom.xml:
// node tools/setup-jvm.mjs write-lock
// (What `npm start` and `npm test` do with the locks is in libs/local-stack/src/jvm.)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  findJava,
  kafkaAndConnect,
  resolveJvmParts,
  schemaRegistry,
  stackHome,
  writeJvmLock,
} from '../libs/local-stack/dist/index.js';

if (process.argv[2] !== 'write-lock') {
  console.error('usage: node tools/setup-jvm.mjs write-lock');
  process.exit(64);
}
const home = stackHome();
const java = findJava(home);
if (java === undefined) throw new Error('No Java 17 or newer was found: set JAVA_HOME');
for (const bundle of [kafkaAndConnect, schemaRegistry]) {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-jvm-'));
  try {
    await resolveJvmParts(folder, java, home, bundle);
    const files = await writeJvmLock(folder, bundle.lockFile);
    console.log(`${bundle.what}: ${files.length} locked`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
