import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { KsqlClient } from '@isobar/ksql-client';
import { exitCodes } from '../exit-codes.js';
import { complete } from './complete.js';
import { asksForHelp, consoleHelp } from './help.js';
import { HISTORY_LINES_MAX, readHistory, writeHistory } from './history.js';
import { NO_NAMES, readNames, type LiveNames } from './names.js';
import { runReported } from './run-script.js';
import type { SqlSession } from './session.js';
import { splitStatements } from './split-statements.js';

const NAMES_FRESH_MS = 2000;

const asksToLeave = (line: string): boolean => /^\s*(exit|quit)\s*;?\s*$/i.test(line);

/** Rows of such a statement come until somebody ends it: what waits for its end waits for ever. */
const hasNoEnd = (statement: string): boolean =>
  /^PRINT\b|\bEMIT\s+CHANGES\b/i.test(statement) && !/\bLIMIT\s+\d+\s*;$/i.test(statement);

export interface ConsoleOptions {
  readonly client: KsqlClient;
  readonly session: SqlSession;
  readonly output: 'table' | 'json';
  readonly historyFile: string;
  readonly input: NodeJS.ReadableStream;
  readonly screen: NodeJS.WritableStream;
}

/**
 * Reads statements from a terminal and runs each when its semicolon comes. Ctrl-C ends the running query, or drops the line;
 * Ctrl-D, `exit` and `quit` leave, whatever runs; `help` says what to type. @returns the exit code
 */
export async function runConsole(options: ConsoleOptions): Promise<number> {
  const { client, session, output, historyFile, input, screen } = options;
  let names: { readonly value: LiveNames; readonly readAtMs: number } = { value: NO_NAMES, readAtMs: 0 };
  const freshNames = async (): Promise<LiveNames> => {
    if (Date.now() - names.readAtMs > NAMES_FRESH_MS) names = { value: await readNames(client), readAtMs: Date.now() };
    return names.value;
  };
  let pending = '';
  let running: { readonly abort: AbortController; readonly hasNoEnd: boolean } | undefined;
  let busy: Promise<void> | undefined;
  let isClosed = false;
  const typed: string[] = [];
  const terminal = createInterface({
    input,
    output: screen,
    history: readHistory(historyFile),
    historySize: HISTORY_LINES_MAX,
    removeHistoryDuplicates: true,
    completer: (line: string, done: (error: null, result: [string[], string]) => void) =>
      void freshNames().then((live) => done(null, complete(pending + line, live))),
  });
  const print = (line: string): void => void screen.write(`${line}\n`);
  const prompt = (): void => {
    if (isClosed) return;
    terminal.setPrompt(pending === '' ? 'sql> ' : '...> ');
    terminal.prompt();
  };

  const takeLine = async (line: string): Promise<void> => {
    const { statements, rest } = splitStatements(`${pending}${line}\n`);
    pending = rest === undefined ? '' : `${rest.text}\n`;
    for (const statement of statements) {
      const abort = new AbortController();
      running = { abort, hasNoEnd: hasNoEnd(statement.text) };
      const { signal } = abort;
      await runReported(statement, { client, session, output, print, printError: print, signal });
      running = undefined;
      names = { ...names, readAtMs: 0 };
      if (signal.aborted) break;
    }
    if (pending !== '' && line.trim() === '') print('(the statement goes on; end it with ; or drop it with Ctrl-C)');
  };
  /** Lines that came while a statement ran wait for it, so that a script may be pasted. */
  const takeLines = async (): Promise<void> => {
    for (let line = typed.shift(); line !== undefined && !isClosed; line = typed.shift()) {
      if (pending === '' && asksToLeave(line)) return terminal.close();
      if (pending === '' && asksForHelp(line)) print(consoleHelp);
      else await takeLine(line);
    }
  };

  terminal.on('history', (lines: string[]) => writeHistory(historyFile, lines));
  terminal.on('line', (line: string) => {
    if (running?.hasNoEnd === true && asksToLeave(line)) return terminal.close();
    typed.push(line);
    busy ??= takeLines().finally(() => {
      busy = undefined;
      prompt();
    });
  });
  terminal.on('close', () => (isClosed = true));
  terminal.on('SIGINT', () => {
    typed.length = 0;
    if (running !== undefined) return running.abort.abort();
    pending = '';
    print('');
    // What was typed stays on the screen and leaves the line, as in every shell.
    terminal.write(null, { ctrl: true, name: 'e' });
    terminal.write(null, { ctrl: true, name: 'u' });
    prompt();
  });
  prompt();
  await once(terminal, 'close');
  running?.abort.abort();
  // The statement under way ends here and on the server before the connection is closed under it.
  await busy;
  return exitCodes.success;
}
