import { ensureJvmParts, fetchJava, findJava, stackHome } from '@isobar/local-stack';

/** Fetches what is missing, so that a start or a test run finds everything. */
export async function setup(): Promise<void> {
  const home = stackHome();
  let java = findJava(home);
  if (java === undefined) {
    console.error('no Java 17 or newer found; fetching one into .isobar/java');
    java = fetchJava(home);
  }
  const fetched = await ensureJvmParts(home, java);
  const jars = fetched === undefined ? 'complete' : `fetched ${fetched.files} files, checksums match`;
  console.error(`java ${java.version} (${java.from}) · JVM parts ${jars}`);
}
