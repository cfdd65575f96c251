import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The answer of a server for one expression. `value` is raw JSON text; both or `error` are set. */
export interface Answer {
  readonly type?: string;
  readonly value?: string;
  readonly error?: { readonly code: number; readonly message: string };
}
export interface ExpressionCase extends Answer {
  readonly sql: string;
  /** Aggregates: raw JSON text by group key, in place of `value`. */
  readonly values?: Readonly<Record<string, string>>;
  /** How a pull query answered, where it differed from a persistent one. */
  readonly pull?: Answer;
}
export interface SetupRecord {
  readonly topic: string;
  readonly partition: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
}
export interface SetupStep {
  readonly sql?: string;
  readonly record?: SetupRecord;
}
/** A file of cases; `file` is its path below the folder of cases. */
export interface ExpressionFile {
  readonly file: string;
  readonly statement: string;
  readonly setup: readonly SetupStep[];
  readonly cases: readonly ExpressionCase[];
}

/** Aggregates need a running query, not one row. */
export const isOfAggregates = ({ file }: ExpressionFile): boolean => file.startsWith('aggregates-');

/** Reads all files of a folder. */
export async function loadExpressionFiles(folder: string): Promise<readonly ExpressionFile[]> {
  const names = await readdir(folder, { recursive: true });
  const files = names.filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const content = JSON.parse(await readFile(join(folder, file), 'utf8')) as Omit<ExpressionFile, 'file'>;
      return { ...content, cases: content.cases.map(withError), file };
    }),
  );
}

/** Values carried into the repository (expression-values/) name a refusal by its code alone. */
function withError(testCase: ExpressionCase & { readonly refused?: number }): ExpressionCase {
  const { refused } = testCase;
  return refused === undefined ? testCase : { ...testCase, error: { code: refused, message: `code ${refused}` } };
}
