import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { KsqlClient } from '@isobar/ksql-client';
import { stackHome } from '@isobar/local-stack';
import { exitCodes } from '../exit-codes.js';
import { tokenFor } from '../rest/token-for.js';
import { runConsole } from '../sql/console.js';
import { runScript } from '../sql/run-script.js';
import { SqlSession } from '../sql/session.js';
import { WrongArgumentError } from '../wrong-argument-error.js';
import { runningStack } from './running-stack.js';

interface SqlOptions {
  readonly execute?: string;
  readonly file?: string;
  readonly server?: string;
  readonly output: 'table' | 'json';
  readonly fromBeginning?: boolean;
}

/** Speaks SQL with a server: a console on a terminal, else a script. */
export async function sql(statement: string | undefined, options: SqlOptions): Promise<void> {
  if ([statement, options.execute, options.file].filter((each) => each !== undefined).length > 1)
    throw new WrongArgumentError('only one of STATEMENT, --execute and --file can be run', {
      fix: 'put the statements into one text, separated by semicolons, or into a file',
    });
  const address = options.server ?? process.env['KSQLDB_URL'] ?? runningStack()?.addresses['KSQLDB_URL'];
  if (address === undefined) {
    process.stderr.write('no server: start the stack with npx isobar up, or name one with --server URL\n');
    process.exitCode = exitCodes.unreachable;
    return;
  }
  const token = tokenFor(address);
  const client = new KsqlClient({ url: address, credentials: token === undefined ? undefined : { token } });
  const session = new SqlSession(options.fromBeginning === true ? { 'auto.offset.reset': 'earliest' } : {});
  const common = { client, session, output: options.output };
  try {
    const command = options.execute ?? (statement === '-' ? undefined : statement);
    const isConsole = command === undefined && options.file === undefined && statement !== '-' && process.stdin.isTTY;
    if (isConsole) {
      const historyFile = stackHome().sqlHistory;
      process.stdout.write(`connected to ${address}; Tab completes, Ctrl-C ends a query, Ctrl-D leaves, help helps\n`);
      process.exitCode = await runConsole({ ...common, historyFile, input: process.stdin, screen: process.stdout });
      return;
    }
    const script =
      command ?? (options.file === undefined || options.file === '-' ? await text(process.stdin) : read(options.file));
    process.exitCode =
      script === undefined ? exitCodes.wrongUsage : await runHere(script, common, command !== undefined);
  } finally {
    client.close();
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    process.stderr.write(`cannot read ${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

/** Ctrl-C ends the running statement, here and on the server; the rest of the script is not run. */
async function runHere(
  script: string,
  common: { readonly client: KsqlClient; readonly session: SqlSession; readonly output: 'table' | 'json' },
  addsSemicolon: boolean,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  process.stdout.on('error', onSignal); // the reader of our output has left, `| head` say
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const printError = (line: string): void => void process.stderr.write(`${line}\n`);
  return runScript(script, { ...common, print, printError, addsSemicolon, signal: interrupt.signal });
}
