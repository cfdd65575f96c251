import { readFileSync } from 'node:fs';
import { StackError } from '@isobar/local-stack';
import { cell, table } from '../render/table.js';
import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface Summary {
  readonly id: string;
  readonly topic: string;
  readonly service: string;
  readonly reason: string;
  readonly setAsideAt: string;
  readonly replayed: boolean;
}

interface Bytes {
  readonly text: string | null;
  readonly base64: string;
}

interface Detail extends Omit<Summary, 'key'> {
  readonly recordedAt: string;
  readonly stack: string;
  readonly key: Bytes | null;
  readonly value: Bytes | null;
  readonly headers: readonly (Bytes & { readonly name: string })[];
}

interface ListOptions extends RestOptions {
  readonly topic?: string;
  readonly service?: string;
  readonly waiting?: boolean;
  readonly limit: string;
}

interface ReplayOptions extends RestOptions {
  readonly value?: string;
  readonly valueFile?: string;
  readonly topic?: string;
  readonly service?: string;
  readonly all?: boolean;
}

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('STREAM_ADMIN_URL', server);

export async function listDeadLetters(options: ListOptions): Promise<void> {
  const query = new URLSearchParams({
    limit: options.limit,
    ...(options.topic === undefined ? {} : { topic: options.topic }),
    ...(options.service === undefined ? {} : { service: options.service }),
    ...(options.waiting === true ? { replayed: 'false' } : {}),
  });
  const page = await client(options).get<{ items: Summary[]; nextCursor: string | null }>(`/dead-letters?${query}`);
  print(options, page.items, () =>
    page.items.length === 0
      ? 'no dead letters'
      : [
          table(
            ['id', 'state', 'set aside', 'by', 'reason'],
            page.items.map(({ id, replayed, setAsideAt, service, reason }) => [
              id,
              replayed ? 'replayed' : 'waiting',
              setAsideAt,
              cell(service, 40),
              cell(reason),
            ]),
          ),
          ...(page.nextCursor === null ? [] : [`There are more; see them with --limit ${2 * Number(options.limit)}.`]),
        ].join('\n'),
  );
}

export async function showDeadLetter(id: string, options: RestOptions): Promise<void> {
  const letter = await client(options).get<Detail>(ServiceClient.path('dead-letters', id));
  print(options, letter, () =>
    [
      `${letter.id}  ${letter.replayed ? 'replayed' : 'waiting'}`,
      `recorded   ${letter.recordedAt}`,
      `set aside  ${letter.setAsideAt} by ${letter.service}`,
      `reason     ${letter.reason}`,
      `key        ${words(letter.key)}`,
      ...letter.headers.map((header) => `header     ${header.name}: ${words(header)}`),
      `value      ${words(letter.value)}`,
      ...(letter.stack === '' ? [] : ['', letter.stack]),
    ].join('\n'),
  );
}

export async function replayDeadLetters(ids: readonly string[], options: ReplayOptions): Promise<void> {
  const isEdited = options.value !== undefined || options.valueFile !== undefined;
  const [id] = ids;
  if (isEdited && ids.length !== 1)
    throw new StackError('another value is for one record', { fix: 'give one id with --value or --value-file' });
  if (id === undefined && options.topic === undefined && options.service === undefined && options.all !== true)
    throw new StackError('nothing says which records', { fix: 'give ids, --topic, --service or --all' });
  const { replayed } =
    id !== undefined && ids.length === 1
      ? await client(options).post<{ replayed: string[] }>(
          `${ServiceClient.path('dead-letters', id)}/replay`,
          isEdited ? { value: options.value ?? readText(options.valueFile ?? '-') } : {},
        )
      : await client(options).post<{ replayed: string[] }>('/dead-letters/replay', {
          ...(ids.length === 0 ? {} : { ids }),
          ...(options.topic === undefined ? {} : { topic: options.topic }),
          ...(options.service === undefined ? {} : { service: options.service }),
          ...(options.all === true ? { all: true } : {}),
        });
  print(options, { replayed }, () => `put back ${replayed.length}${replayed.map((each) => `\n  ${each}`).join('')}`);
}

/** A file's bytes go as text, without the line feed that an editor puts at the end. */
const readText = (file: string): string => readFileSync(file === '-' ? 0 : file, 'utf8').replace(/\r?\n$/, '');

const words = (bytes: Bytes | null): string =>
  bytes === null ? '(null)' : (bytes.text ?? `${bytes.base64} (base64: not UTF-8)`);
