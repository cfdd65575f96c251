import { type PipelineObject, type SqlToken, tokenize } from '@isobar/pipeline';

/**
 * The statement of a query, with a number of partitions for its result. All stays on its line, so that the place of an error is still right.
 *
 * @returns undefined when the file gives a number itself
 */
export function withPartitions({ file, sql }: PipelineObject, partitions: number): string | undefined {
  const tokens = tokenize(file, sql);
  const is = (token: SqlToken | undefined, word: string): boolean =>
    token?.kind === 'word' && token.text.toUpperCase() === word;
  const as = tokens.findIndex((token, index) => is(token, 'AS') && is(tokens[index + 1], 'SELECT'));
  const head = tokens.slice(0, as);
  if (head.some((token) => is(token, 'PARTITIONS'))) return undefined;
  const properties = head.findIndex((token) => is(token, 'WITH'));
  const [before, text] =
    properties === -1
      ? [tokens[as], `WITH (PARTITIONS = ${partitions}) `]
      : [head[properties + 2], `PARTITIONS = ${partitions}, `];
  if (before === undefined) return undefined;
  const lines = sql.split('\n');
  const line = lines[before.line - 1] ?? '';
  lines[before.line - 1] = line.slice(0, before.column - 1) + text + line.slice(before.column - 1);
  return lines.join('\n');
}
