import { KsqlUnavailableError } from '@isobar/ksql-client';
import { exitCodes } from '../exit-codes.js';
import { diagnose, diagnosisLines } from './advice.js';
import { NO_NAMES, readNames } from './names.js';
import { runStatement, type RunContext } from './run-statement.js';
import { splitStatements, type ScriptStatement } from './split-statements.js';

export interface ScriptOptions extends RunContext {
  readonly printError: (line: string) => void;
  /** A single statement on a command line may leave its last semicolon out. */
  readonly addsSemicolon: boolean;
}

/** Runs the statements of a script until one fails. @returns the exit code */
export async function runScript(script: string, options: ScriptOptions): Promise<number> {
  const { statements, rest } = splitStatements(script);
  const isComplete = rest === undefined || options.addsSemicolon;
  if (!isComplete) {
    const span = lastPlace(rest.text);
    const problem = { message: 'the last statement does not end', span, advice: 'end it with a semicolon:  ;' };
    for (const line of diagnosisLines(problem, rest.text, rest.line)) options.printError(line);
    return exitCodes.failed;
  }
  const all = rest === undefined ? statements : [...statements, { ...rest, text: `${rest.text};` }];
  for (const statement of all) {
    const code = await runReported(statement, options);
    if (options.signal.aborted) return exitCodes.interrupted;
    if (code !== exitCodes.success) return code;
  }
  return exitCodes.success;
}

/** Runs one statement; a failure is printed with its place and what to type instead. @returns the exit code */
export async function runReported(
  { text, line }: ScriptStatement,
  options: RunContext & { readonly printError: (line: string) => void },
): Promise<number> {
  try {
    await runStatement(text, options);
    return exitCodes.success;
  } catch (error) {
    if (options.signal.aborted) return exitCodes.interrupted;
    const isUnreachable = error instanceof KsqlUnavailableError;
    const names = isUnreachable ? NO_NAMES : await readNames(options.client);
    for (const each of diagnosisLines(diagnose(error, text, names), text, line)) options.printError(each);
    return isUnreachable ? exitCodes.unreachable : exitCodes.failed;
  }
}

function lastPlace(text: string): { line: number; column: number; length: number } {
  const lines = text.split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, length: 1 };
}
