import { SqlFileError } from './sql-file-error.js';

/** What a file says about itself in lines `-- @word …`. */
export interface Directives {
  /** At most so many result rows for each row that the query reads. */
  readonly budget: number | undefined;
  /** Who outside of the files reads the topic. */
  readonly readers: readonly string[];
  /** Rules that do not hold for this file, with the reason. */
  readonly allowed: ReadonlyMap<string, string>;
}

/** @throws SqlFileError for a directive that nobody knows, or that does not say what it has to */
export function directivesOf(file: string, sql: string): Directives {
  let budget: number | undefined;
  const readers: string[] = [];
  const allowed = new Map<string, string>();
  for (const [index, text] of sql.split('\n').entries()) {
    const found = /^\s*--\s*@(\S+)\s*(.*?)\s*$/.exec(text);
    if (found === null) continue;
    const [, word = '', rest = ''] = found;
    const refuse = (reason: string, instead: string): SqlFileError =>
      new SqlFileError(file, { line: index + 1, column: text.indexOf('@') + 1 }, reason, instead);
    if (word === 'budget') {
      const number = Number(rest.split(/\s/)[0]);
      if (!(number > 0)) throw refuse(`@budget wants a number of rows, found '${rest}'`, '-- @budget 2');
      budget = number;
    } else if (word === 'readers') {
      const names = rest.split(/\s*,\s*/).filter((name) => name !== '');
      if (names.length === 0) throw refuse('@readers names nobody', '-- @readers dashboard, user-service');
      readers.push(...names);
    } else if (word === 'allow') {
      const allow = /^([\w-]+)\s*:\s*(.+)$/.exec(rest);
      if (allow === null)
        throw refuse('@allow wants a rule and a reason', '-- @allow no-key: the topic has no key of its own');
      allowed.set(allow[1] ?? '', allow[2] ?? '');
    } else {
      throw refuse(`no directive is called @${word}`, '-- @budget, -- @readers or -- @allow');
    }
  }
  return { budget, readers, allowed };
}
