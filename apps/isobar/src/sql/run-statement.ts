import type { KsqlClient } from '@isobar/ksql-client';
import { AlignedRows } from './aligned-rows.js';
import { entityLines } from './entity-text.js';
import type { SqlSession } from './session.js';
import { cellText, valueJson } from './value-text.js';

export interface RunContext {
  readonly client: KsqlClient;
  readonly session: SqlSession;
  readonly output: 'table' | 'json';
  readonly print: (line: string) => void;
  /** Aborted by Ctrl-C: ends the statement here and on the server. */
  readonly signal: AbortSignal;
}

/** Rows that arrive together are aligned together. */
const ALIGN_WAIT_MS = 120;

/** Runs one statement and prints its answer. @throws KsqlError */
export async function runStatement(statement: string, context: RunContext): Promise<void> {
  const answer = context.session.take(statement);
  if (answer !== undefined) {
    if (context.output === 'table') context.print(answer);
  } else if (/^SELECT\b/i.test(statement)) await printRows(statement, context);
  else if (/^PRINT\b/i.test(statement)) await printTopic(statement, context);
  else await printEntities(statement, context);
}

async function printEntities(statement: string, { client, session, output, print, signal }: RunContext): Promise<void> {
  for (const entity of await client.execute(statement, { ...session.options, signal })) {
    if (output === 'json') print(valueJson(entity));
    else for (const line of entityLines(entity)) print(line);
  }
}

async function printRows(statement: string, { client, session, output, print, signal }: RunContext): Promise<void> {
  const query = await client.push(statement, { ...session.options, signal });
  const names = query.columns.map(({ name }) => name);
  const rows = new AlignedRows(names, print);
  let timer: NodeJS.Timeout | undefined;
  const close = (): void => void query.close();
  signal.addEventListener('abort', close);
  try {
    for await (const row of query) {
      if (output === 'json') {
        print(valueJson(row));
        continue;
      }
      rows.add(names.map((name) => cellText(row[name])));
      timer ??= setTimeout(() => {
        timer = undefined;
        rows.flush();
      }, ALIGN_WAIT_MS);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', close);
    await query.close();
    if (output === 'table') rows.flush();
  }
}

async function printTopic(statement: string, { client, session, print, signal }: RunContext): Promise<void> {
  try {
    for await (const line of client.print(statement, { ...session.options, signal })) print(line);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
