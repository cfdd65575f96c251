/** A statement of a script, with the text it was written in. */
export interface ScriptStatement {
  /** From its first sign to its semicolon, comments before it left out. */
  readonly text: string;
  /** Line of its first sign in the script, from 1. */
  readonly line: number;
}
export interface SplitScript {
  readonly statements: readonly ScriptStatement[];
  /** What follows the last semicolon, when it is more than blanks and comments. */
  readonly rest: ScriptStatement | undefined;
}

/** Blanks, comments, quoted texts and names, a semicolon, or any other sign: what a semicolon may hide in is one token. */
const tokens = /(\s+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|('(?:[^']|'')*'?|`(?:[^`]|``)*`?|"(?:[^"]|"")*"?)|(;)|[\s\S]/g;

/** Cuts a script into statements at its semicolons. */
export function splitStatements(script: string): SplitScript {
  const statements: ScriptStatement[] = [];
  let start = -1;
  const cut = (end: number): ScriptStatement => ({
    text: script.slice(start, end).trimEnd(),
    line: script.slice(0, start).split('\n').length,
  });
  for (const match of script.matchAll(tokens)) {
    const [text, skipped, , semicolon] = match;
    if (skipped !== undefined) continue;
    if (semicolon !== undefined) {
      if (start >= 0) statements.push(cut(match.index + text.length));
      start = -1;
    } else if (start < 0) start = match.index;
  }
  return { statements, rest: start < 0 ? undefined : cut(script.length) };
}
