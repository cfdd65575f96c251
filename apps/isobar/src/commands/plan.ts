import type { PlanItem, Verdict } from '@isobar/pipeline';
import { exitCodes } from '../exit-codes.js';
import { ServiceClient } from '../rest/service-client.js';
import { print, type RestOptions } from './rest-options.js';

interface Item extends Omit<PlanItem, 'cost'> {
  readonly cost: { readonly records: number; readonly seconds: number | null; readonly cut: number } | null;
}
export interface Plan {
  readonly id: string;
  readonly madeAt: string;
  readonly changes: number;
  readonly items: readonly Item[];
}
export interface Preview {
  readonly fromMs: number;
  readonly objects: readonly {
    readonly name: string;
    readonly added: number;
    readonly gone: number;
    readonly changed: number;
    readonly same: number;
    readonly byColumn: Readonly<Record<string, number>>;
    readonly taken: number;
    readonly of: number;
    readonly ms: number;
    readonly examples: readonly {
      readonly what: 'added' | 'gone' | 'changed';
      readonly key: string;
      readonly atMs: number;
      readonly columns: readonly { readonly name: string; readonly before: unknown; readonly after: unknown }[];
    }[];
  }[];
  readonly skipped: readonly { readonly name: string; readonly because: string }[];
}
interface CarriedOut {
  readonly created: readonly string[];
  readonly replaced: readonly string[];
  readonly redeployed: readonly string[];
  readonly left: readonly string[];
}

const client = ({ server }: RestOptions): ServiceClient => new ServiceClient('STREAM_ADMIN_URL', server);

/** Prints the plan; with `--exit-code` the shell learns the worst of it. */
export async function planQueries(
  options: RestOptions & { exitCode?: boolean; full?: boolean; preview?: number },
): Promise<void> {
  const plan = await client(options).post<Plan>('/plans', {});
  if (options.preview === undefined) print(options, plan, () => planText(plan, options.full === true));
  else {
    const preview = await client(options).post<Preview>('/plans/preview', { hours: options.preview });
    print(options, { plan, preview }, () => [planText(plan, options.full === true), previewText(preview)].join('\n\n'));
  }
  if (options.exitCode === true) process.exitCode = verdictOn(plan);
}

export async function deployPlan(id: string, options: RestOptions & { acceptRepeats?: boolean }): Promise<void> {
  const path = `${ServiceClient.path('plans', id)}/deploy`;
  const done = await client(options).post<CarriedOut>(path, { acceptsRepeats: options.acceptRepeats === true });
  const line = (what: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${what} ${names.join(', ')}`];
  print(
    options,
    done,
    () =>
      [
        ...line('created', done.created),
        ...line('replaced in place', done.replaced),
        ...line('made again from the earliest record', done.redeployed),
        ...line('drifted and left alone:', done.left),
      ].join('\n') || 'nothing was to be done',
  );
}

function verdictOn({ items, changes }: Plan): number | undefined {
  if (items.some(({ verdict }) => verdict === 'blocked')) return exitCodes.blocked;
  if (items.some(({ verdict }) => verdict === 'drifted' || verdict === 'missing')) return exitCodes.drifted;
  return changes > 0 ? exitCodes.pending : undefined;
}

const signs: Readonly<Record<Verdict, string>> = {
  'no change': ' ',
  new: '+',
  'in place': '~',
  'side by side': '±',
  blocked: '×',
  drifted: '!',
  missing: '-',
  unmanaged: '?',
};

export function planText({ id, madeAt, items, changes }: Plan, isFull: boolean): string {
  const shown = items.filter(({ verdict }) => verdict !== 'no change');
  const nameWidth = Math.max(0, ...shown.map(({ name }) => name.length));
  const counts = [...Map.groupBy(items, ({ verdict }) => verdict)].map(([verdict, of]) => `${of.length} ${verdict}`);
  const lines = shown.flatMap((item) => {
    const indent = ' '.repeat(nameWidth + 5);
    const head = ` ${signs[item.verdict]} ${item.name.padEnd(nameWidth)}  ${item.verdict}${item.reason === null ? '' : `  ${item.reason}`}`;
    return [head, ...details(item, isFull).map((line) => indent + line)];
  });
  return [
    `Plan ${id} · compared with the engine at ${madeAt.slice(11, 19)}Z · valid until the files or what runs change`,
    ...(lines.length > 0 ? ['', ...lines] : []),
    '',
    ` ${counts.join(', ')}`,
    ` ${nextStep(id, items, changes)}`,
  ].join('\n');
}

function nextStep(id: string, items: readonly Item[], changes: number): string {
  if (items.some(({ verdict }) => verdict === 'blocked'))
    return 'Nothing was changed, and nothing can be carried out before what is blocked is mended.';
  if (changes > 0) return `Nothing was changed. Carry it out with: npx isobar queries deploy ${id}`;
  const drifted = items.find(({ verdict }) => verdict === 'drifted');
  return drifted === undefined
    ? 'Nothing was changed, and nothing is to be done.'
    : `Nothing was changed. What drifted is made as its file says by: npx isobar queries redeploy ${drifted.name}`;
}

function details({ because, downstream, cost, runs, wants, verdict }: Item, isFull: boolean): string[] {
  return [
    ...because,
    ...(cost === null ? [] : [costText(cost)]),
    ...(downstream.length > 0 && verdict !== 'unmanaged' ? [`read by ${downstream.join(', ')}`] : []),
    ...(isFull
      ? [`runs:  ${runs ?? 'nothing'}`, `wants: ${wants ?? 'nothing'}`].flatMap((text) => text.split('\n'))
      : []),
  ];
}

function costText({ records, seconds, cut }: NonNullable<Item['cost']>): string {
  const time =
    seconds === null ? '' : `, about ${seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.round(seconds / 60)} min`}`;
  const gone = cut === 0 ? '' : `; ${cut.toLocaleString('en')} earlier ones are not kept any more`;
  return `reads ${records.toLocaleString('en')} records${time}${gone}`;
}

const marks = { added: '+', gone: '-', changed: '~' } as const;

export function previewText({ fromMs, objects, skipped }: Preview): string {
  const lines = objects.flatMap(({ name, added, gone, changed, same, byColumn, taken, of, ms, examples }) => [
    ` ${name}  ${added} added, ${gone} gone, ${changed} changed, ${same} same  (${taken.toLocaleString('en')} records, ${ms} ms)`,
    ...(taken < of ? [`    covers ${((100 * taken) / of).toFixed(1)} % of ${of.toLocaleString('en')} records`] : []),
    ...Object.entries(byColumn).map(([column, rows]) => `    ${column} differs in ${rows} rows`),
    ...examples.map(({ what, key, atMs, columns }) => {
      const words = columns.map((column) => `${column.name} ${columnText(what, column)}`);
      return `    ${marks[what]} ${key} at ${new Date(atMs).toISOString()}  ${words.join(', ')}`;
    }),
  ]);
  const left = skipped.map(({ name, because }) => ` ${name}  not compared: ${because}`);
  const none = objects.length + skipped.length === 0 ? [' no statement changes'] : [];
  return [
    `Rows since ${new Date(fromMs).toISOString()}, under what runs and under the files`,
    ...lines,
    ...left,
    ...none,
  ].join('\n');
}

function columnText(
  what: keyof typeof marks,
  { before, after }: { readonly before: unknown; readonly after: unknown },
) {
  if (what === 'changed') return `${JSON.stringify(before)} → ${JSON.stringify(after)}`;
  return JSON.stringify(what === 'added' ? after : before);
}
