import type { ServerProcess } from '../../src/testing/server-process.js';
import type { RecordedFunction } from './recording.js';

interface DescribedFunction {
  readonly type: string;
  readonly functions: readonly {
    readonly arguments: readonly { readonly name: string; readonly type: string; readonly isVariadic: boolean }[];
    readonly returnType: string;
  }[];
}

/** Which functions answer DESCRIBE FUNCTION with other kinds or signatures than the recorded ones. */
export async function functionDifferences(
  recorded: readonly RecordedFunction[],
  server: ServerProcess,
): Promise<string | undefined> {
  const differences: string[] = [];
  for (const fn of recorded) {
    const response = await server.post('/ksql', { ksql: `DESCRIBE FUNCTION ${fn.name};` });
    if (!response.ok) {
      differences.push(`${fn.name}: ${response.status}`);
      continue;
    }
    const [described] = (await response.json()) as DescribedFunction[];
    const wanted = fn.signatures.map((s) =>
      signature(
        s.arguments.map((a) => [a.type, a.variadic]),
        s.returnType,
      ),
    );
    const got = (described?.functions ?? []).map((s) =>
      signature(
        s.arguments.map((a) => [a.type, a.isVariadic]),
        s.returnType,
      ),
    );
    if (described?.type !== fn.type) differences.push(`${fn.name}: expected ${fn.type}, got ${described?.type}`);
    const missing = wanted.filter((text) => !got.includes(text));
    const extra = got.filter((text) => !wanted.includes(text));
    if (missing.length + extra.length > 0)
      differences.push(`${fn.name}: missing ${missing.join(' ') || '-'}; not recorded ${extra.join(' ') || '-'}`);
  }
  return differences.length === 0 ? undefined : `${differences.length} functions differ\n${differences.join('\n')}`;
}

const signature = (parameters: readonly (readonly [string, boolean])[], returns: string): string =>
  `(${parameters.map(([type, isVariadic]) => `${type}${isVariadic ? '...' : ''}`).join(', ')})->${returns}`;
