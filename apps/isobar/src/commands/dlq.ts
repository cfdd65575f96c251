import { readFileSync } from 'node:fs';
import { cell, table } from '../render/table.js';
import { ServiceClient } from '../rest/service-client.js';
import { WrongArgumentError } from '../wrong-argument-error.js';
import { print, type RestOptions } from './rest-options.js';

interface Summary {
  readonly id: string;
  readonly topic: string;
  readonly service: string;
  readonly reason: string;
  readonly setAsideAt: string;
  readonly replayed: boolean;
}

interface Page {
  readonly items: readonly Summary[];
  readonly nextCursor: string | null;
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
  readonly limit: number;
}

interface ReplayOptions extends RestOptions {
  readonly value?: string;
  readonly valueFile?: string;
  readonly topic?: string;
  readonly service?: string;
  readonly all?: boolean;
}

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('STREAM_ADMIN_URL', server);

/** As many as a page has at most. */
const pageMax = 1_000;

export async function listDeadLetters(options: ListOptions): Promise<void> {
  const { items, hasMore } = await readPages(options);
  print(options, items, () =>
    items.length === 0
      ? 'no dead letters'
      : [
          table(
            ['id', 'state', 'set aside', 'by', 'reason'],
            items.map(({ id, replayed, setAsideAt, service, reason }) => [
              id,
              replayed ? 'replayed' : 'waiting',
              setAsideAt,
              cell(service, 40),
              cell(reason),
            ]),
          ),
          ...(hasMore ? [`There are more; see them with --limit ${2 * options.limit}.`] : []),
        ].join('\n'),
  );
}

/** Page after page until there are as many as were asked for. */
async function readPages(options: ListOptions): Promise<{ items: Summary[]; hasMore: boolean }> {
  const items: Summary[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({
      limit: String(Math.min(pageMax, options.limit - items.length)),
      ...(options.topic === undefined ? {} : { topic: options.topic }),
      ...(options.service === undefined ? {} : { service: options.service }),
      ...(options.waiting === true ? { replayed: 'false' } : {}),
      ...(cursor === null ? {} : { cursor }),
    });
    const page: Page = await client(options).get<Page>(`/dead-letters?${query}`);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < options.limit);
  return { items, hasMore: cursor !== null };
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
    throw new WrongArgumentError('another value is for one record', {
      fix: 'give one id with --value or --value-file',
    });
  if (id === undefined && options.topic === undefined && options.service === undefined && options.all !== true)
    throw new WrongArgumentError('nothing says which records', { fix: 'give ids, --topic, --service or --all' });
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
