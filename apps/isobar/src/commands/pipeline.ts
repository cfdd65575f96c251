import { unwellQueryHealths, type QueryHealth, type VersionState } from '@isobar/contracts';
import { exitCodes } from '../exit-codes.js';
import { asTyped } from '../render/hint.js';
import { cell, table } from '../render/table.js';
import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface Query {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
  readonly health: QueryHealth;
  readonly version: VersionState;
  readonly topic: string;
  readonly error: string | null;
}

interface Redeployed {
  readonly redeployed: readonly string[];
  readonly erased: readonly {
    readonly topic: string;
    readonly partitions: number;
    readonly newPartitions: number;
    readonly records: number;
  }[];
}

interface Connector {
  readonly name: string;
  readonly state: string;
  readonly tasks: readonly { readonly state: string }[];
  readonly restarts: number;
  readonly reason: string | null;
}

interface Topic {
  readonly name: string;
  readonly offsets: number;
  readonly partitions: readonly { readonly partition: number; readonly low: string; readonly high: string }[];
}

interface Loss {
  readonly topic: string;
  readonly isNews: boolean;
  readonly words: string;
}

interface Group {
  readonly id: string;
  readonly state: string;
  readonly members: number;
  readonly lag: number;
  readonly topics: readonly { readonly topic: string; readonly lag: number }[];
}

interface VerdictOptions extends RestOptions {
  readonly exitCode?: boolean;
}

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('STREAM_ADMIN_URL', server);

export async function listQueries(options: VerdictOptions): Promise<void> {
  const queries = await client(options).get<Query[]>('/queries');
  print(options, queries, () =>
    table(
      ['name', 'kind', 'state', 'health', 'version', 'topic', 'error'],
      queries.map(({ name, kind, state, health, version, topic, error }) => [
        name,
        kind,
        state,
        health,
        version,
        topic,
        cell(error),
      ]),
    ),
  );
  if (options.exitCode === true) process.exitCode = verdictOn(queries);
}

/** What stands still goes first: it is what somebody must look at, whatever the files say. */
function verdictOn(queries: readonly Query[]): number | undefined {
  const has = (...versions: VersionState[]): boolean => queries.some(({ version }) => versions.includes(version));
  // What is not there (yet) has a word of its own, and so an exit code of its own.
  const absent: readonly VersionState[] = ['pending', 'deploying', 'missing'];
  if (queries.some(({ health, version }) => unwellQueryHealths.includes(health) && !absent.includes(version)))
    return exitCodes.unwell;
  if (has('drifted', 'missing')) return exitCodes.drifted;
  return has('changed', 'pending', 'deploying') ? exitCodes.pending : undefined;
}

export async function showQuery(name: string, options: RestOptions): Promise<void> {
  const query = await client(options).get<Query>(ServiceClient.path('queries', name));
  print(options, query, () => fields(query));
}

export async function redeployQuery(name: string, options: RestOptions): Promise<void> {
  const result = await client(options).post<Redeployed>(`${ServiceClient.path('queries', name)}/redeploy`, {});
  print(options, result, () =>
    [`redeployed ${result.redeployed.join(', ')}`, ...result.erased.map(erasure)].join('\n'),
  );
}

const erasure = ({ topic, partitions, newPartitions, records }: Redeployed['erased'][number]): string =>
  `the topic ${topic} was made anew with ${newPartitions} partitions instead of ${partitions}, as a join needs it: up to ${records} records were erased, and its query fills it again`;

export async function listConnectors(options: RestOptions): Promise<void> {
  const connectors = await client(options).get<Connector[]>('/connectors');
  print(options, connectors, () =>
    table(
      ['name', 'state', 'tasks', 'restarts', 'reason'],
      connectors.map(({ name, state, tasks, restarts, reason }) => [
        name,
        state,
        tasks.map((task) => task.state).join(' '),
        restarts,
        cell(reason),
      ]),
    ),
  );
}

export async function showConnector(name: string, options: RestOptions): Promise<void> {
  const connector = await client(options).get<Connector>(ServiceClient.path('connectors', name));
  print(options, connector, () => fields(connector));
}

export async function listTopics(options: RestOptions): Promise<void> {
  const [{ items }, losses] = await Promise.all([
    client(options).get<{ items: Topic[] }>('/topics'),
    lossesOf(options),
  ]);
  const news = losses.filter(({ isNews }) => isNews);
  print(options, items, () =>
    [
      table(
        ['name', 'partitions', 'offsets'],
        items.map(({ name, partitions, offsets }) => [name, partitions.length, offsets]),
      ),
      ...news.map(({ words }) => `lost: ${words}`),
      ...(news.length > 0 ? ['npx isobar topics acknowledge says that this is known'] : []),
    ].join('\n'),
  );
}

export async function listLosses(options: RestOptions): Promise<void> {
  const losses = await lossesOf(options);
  const line = ({ isNews, words }: Loss): string => `${isNews ? 'new  ' : 'known'}  ${words}`;
  print(options, losses, () => losses.map(line).join('\n') || 'nothing was lost in the last seven days');
}

export async function acknowledgeLosses(topic: string | undefined, options: RestOptions): Promise<void> {
  const result = await client(options).post<{ acknowledged: number }>('/losses/acknowledge', { topic });
  print(
    options,
    result,
    () => `${result.acknowledged} ${result.acknowledged === 1 ? 'loss is' : 'losses are'} known now`,
  );
}

const lossesOf = async (options: RestOptions): Promise<Loss[]> =>
  (await client(options).get<{ items: Loss[] }>('/losses')).items;

export async function showTopic(name: string, options: RestOptions): Promise<void> {
  const [topic, losses] = await Promise.all([
    client(options).get<Topic>(ServiceClient.path('topics', name)),
    lossesOf(options),
  ]);
  print(options, topic, () =>
    [
      table(
        ['partition', 'first', 'next'],
        topic.partitions.map(({ partition, low, high }) => [partition, Number(low), Number(high)]),
      ),
      ...losses.filter((loss) => loss.topic === name).map(({ words }) => `lost: ${words}`),
    ].join('\n'),
  );
}

export async function listGroups(options: RestOptions): Promise<void> {
  const { items } = await client(options).get<{ items: Group[] }>('/consumer-groups');
  print(options, items, () =>
    [
      table(
        ['id', 'state', 'members', 'lag'],
        items.map(({ id, state, members, lag }) => [id, state, members, lag]),
      ),
      ...aboutEmptyGroups(items),
    ].join('\n'),
  );
}

/** The embedded ksql-server takes the partitions of a query itself; the group only keeps how far it has read. */
function aboutEmptyGroups(groups: readonly Group[]): string[] {
  if (!groups.some(({ id, state }) => state === 'Empty' && id.startsWith('_confluent-ksql-'))) return [];
  return [
    asTyped(
      'Empty is in order for the group of a query (_confluent-ksql-…): nobody joins it. Whether the query runs: npx isobar queries list',
    ),
  ];
}

export async function showGroup(id: string, options: RestOptions): Promise<void> {
  const group = await client(options).get<Group>(ServiceClient.path('consumer-groups', id));
  print(options, group, () =>
    [
      `${group.id}  ${group.state}, ${group.members} members`,
      table(
        ['topic', 'lag'],
        group.topics.map(({ topic, lag }) => [topic, lag]),
      ),
      ...aboutEmptyGroups([group]),
    ].join('\n'),
  );
}

const fields = (thing: object): string =>
  Object.entries(thing)
    .map(([name, value]) => `${name.padEnd(15)} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
