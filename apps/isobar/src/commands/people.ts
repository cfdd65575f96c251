import { StackError } from '@isobar/local-stack';
import { readFileSync } from 'node:fs';
import { ServiceClient } from '../rest/service-client.js';
import { WrongArgumentError } from '../wrong-argument-error.js';
import { print, type RestOptions } from './rest-options.js';

/** The connector that captures the table of people. */
const connector = 'postgres-users-source';

/** Has every row read again; who was deleted meanwhile is found by that, too. */
export async function resnapshotPeople(options: RestOptions): Promise<void> {
  const client = new ServiceClient('STREAM_ADMIN_URL', options.server);
  const answer = await client.post<object | undefined>(`${ServiceClient.path('connectors', connector)}/resnapshot`, {});
  print(
    options,
    answer ?? {},
    () => `${connector} reads the whole table again; see npx isobar connectors show ${connector}`,
  );
}

interface Report {
  readonly batch?: number;
  readonly done?: boolean;
  readonly written: number;
  readonly skipped: number;
  readonly refused: number;
  readonly errors?: readonly { line: number; column: number | null; field: string | null; detail: string }[];
  readonly problem?: string;
  readonly goOnFromLine?: number;
}

export interface ImportOptions extends RestOptions {
  readonly kind: string;
  readonly existing: string;
}

/** @throws StackError when some rows were not written */
export async function importPeople(file: string, options: ImportOptions): Promise<void> {
  const client = new ServiceClient('USER_SERVICE_URL', options.server);
  const type = /\.(ndjson|jsonl)$/i.test(file) ? 'application/x-ndjson' : 'text/csv';
  const path = `${ServiceClient.path('imports', options.kind)}?existing=${encodeURIComponent(options.existing)}`;
  const lines = await client.send(path, readFile(file), type);
  const reports = lines.map((line) => JSON.parse(line) as Report);
  const whole = reports.at(-1);
  print(options, reports, () => reports.map(inWords).flat().join('\n'));
  if (whole?.done === true && whole.refused === 0) return;
  throw new StackError(`${whole?.refused ?? 0} rows of ${file} were not written`, {
    fix:
      whole?.goOnFromLine === undefined
        ? 'mend the lines that are named and import the file again; --existing skip leaves alone who is there already'
        : `${whole.problem ?? 'it ended early'}; go on from line ${whole.goOnFromLine}`,
  });
}

function readFile(file: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new WrongArgumentError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function inWords({ batch, written, skipped, refused, errors = [] }: Report): string[] {
  if (batch === undefined) return [`${written} written, ${skipped} there already, ${refused} refused`];
  return errors.map(({ line, column, field, detail }) => {
    const where = [
      `line ${line}`,
      ...(column === null ? [] : [`column ${column}`]),
      ...(field === null ? [] : [field]),
    ];
    return `${where.join(', ')}: ${detail}`;
  });
}

/** Removes a person and all that is kept of them. @throws WrongArgumentError when there is no such person */
export async function erasePerson(username: string, options: RestOptions): Promise<void> {
  const client = new ServiceClient('USER_SERVICE_URL', options.server);
  const { items } = await client.get<{ items: readonly { id: number; username: string }[] }>(
    `/users?limit=1000&q=${encodeURIComponent(username)}`,
  );
  const person = items.find((one) => one.username === username);
  if (person === undefined) throw new WrongArgumentError(`there is no person "${username}"`);
  await client.delete(ServiceClient.path('users', String(person.id)));
  print(
    options,
    { erased: username },
    () => `${username} is erased; what Kafka holds follows, see docs/how-to/people.md`,
  );
}
