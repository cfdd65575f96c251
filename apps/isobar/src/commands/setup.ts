import {
  ensureJvmParts,
  fetchJava,
  findJava,
  kafkaAndConnect,
  schemaRegistry,
  stackHome,
  type OptionalStep,
} from '@isobar/local-stack';

/** Fetches what is missing, so that a start or a test run finds everything. */
export async function setup({ with: optional = [] }: { readonly with?: readonly OptionalStep[] }): Promise<void> {
  const home = stackHome();
  let java = findJava(home);
  if (java === undefined) {
    console.error('no Java 17 or newer found; fetching one into .isobar/java');
    java = fetchJava(home);
  }
  const complete: string[] = [];
  for (const [name, bundle] of [
    ['JVM parts', kafkaAndConnect] as const,
    ...(optional.includes('registry') ? ([['registry', schemaRegistry]] as const) : []),
  ]) {
    const fetched = await ensureJvmParts(home, java, bundle);
    complete.push(`${name} ${fetched === undefined ? 'complete' : `fetched ${fetched.files} files, checksums match`}`);
  }
  console.error([`java ${java.version} (${java.from})`, ...complete].join(' · '));
}
