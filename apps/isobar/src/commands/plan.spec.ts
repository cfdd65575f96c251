import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exitCodes } from '../exit-codes.js';
import { deployPlan, planQueries, planText, previewText, type Plan } from './plan.js';

const item = (name: string, verdict: Plan['items'][number]['verdict'], rest: object = {}): Plan['items'][number] => ({
  ...{ name, verdict, file: `${name}.sql`, kind: 'TABLE', reason: null, because: [], downstream: [], cost: null },
  ...{ runs: null, wants: null },
  ...rest,
});
const plan = (...items: Plan['items'][number][]): Plan => ({
  id: 'p-1',
  madeAt: '2026-06-01T15:41:10.000Z',
  changes: items.filter(({ verdict }) => ['new', 'in place', 'side by side', 'missing'].includes(verdict)).length,
  items,
});

describe('isobar queries plan', () => {
  let server: Server;
  let answered: unknown;
  let status = 200;
  let asked: string[] = [];
  let printed = '';
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => {
        asked.push(`${request.method} ${request.url} ${body}`);
        response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answered));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => void server.close());
  afterEach(() => {
    process.exitCode = undefined;
    asked = [];
    status = 200;
    printed = '';
    jest.restoreAllMocks();
  });
  const options = () => {
    jest.spyOn(console, 'log').mockImplementation((text: string) => void (printed += text));
    return { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, output: 'table' };
  };

  it('shows verdict, reason, cost and who reads it', () => {
    const cost = { records: 1_200_000, seconds: 240, cut: 7 };
    const text = planText(
      plan(
        item('A', 'no change'),
        item('ALERTS', 'new'),
        item('HOURLY', 'side by side', {
          reason: 'windowed',
          because: ['window: TUMBLING 1 ms → none'],
          downstream: ['COMPARE'],
          cost,
        }),
      ),
      false,
    );
    expect(text).toBe(
      [
        'Plan p-1 · compared with the engine at 15:41:10Z · valid until the files or what runs change',
        '',
        ' + ALERTS  new',
        ' ± HOURLY  side by side  windowed',
        '           window: TUMBLING 1 ms → none',
        '           reads 1,200,000 records, about 4 min; 7 earlier ones are not kept any more',
        '           read by COMPARE',
        '',
        ' 1 no change, 1 new, 1 side by side',
        ' Nothing was changed. Carry it out with: npx isobar queries deploy p-1',
      ].join('\n'),
    );
  });

  it.each<[string, Plan, string]>([
    ['nothing', plan(item('A', 'no change')), 'Nothing was changed, and nothing is to be done.'],
    [
      'to mend what is blocked, which holds up the rest',
      plan(item('A', 'blocked'), item('B', 'new')),
      'Nothing was changed, and nothing can be carried out before what is blocked is mended.',
    ],
    [
      'to redeploy what drifted',
      plan(item('A', 'no change'), item('B', 'drifted')),
      'Nothing was changed. What drifted is made as its file says by: npx isobar queries redeploy B',
    ],
  ])('says what is to be done next: %s', (_what, given, line) => {
    expect(planText(given, false).split('\n').at(-1)).toBe(` ${line}`);
  });

  it.each<[string, Plan, number | undefined]>([
    ['nothing is to be done', plan(item('A', 'no change')), undefined],
    ['there are changes', plan(item('A', 'new')), exitCodes.pending],
    ['something drifted', plan(item('A', 'new'), item('B', 'drifted')), exitCodes.drifted],
    ['something is missing', plan(item('B', 'missing')), exitCodes.drifted],
    ['something is blocked', plan(item('A', 'blocked'), item('B', 'drifted')), exitCodes.blocked],
  ])('tells the shell when %s', async (_what, given, code) => {
    answered = given;
    await planQueries({ ...options(), exitCode: true });
    expect([process.exitCode, asked]).toEqual([code, ['POST /plans {}']]);
    process.exitCode = undefined;
    await planQueries(options());
    expect(process.exitCode).toBeUndefined();
  });

  it('shows which rows would differ', () => {
    const example = { what: 'changed', key: '"s1"', atMs: 0, columns: [{ name: 'X', before: 1, after: 2 }] } as const;
    const counts = { added: 0, gone: 3, changed: 1, same: 9, byColumn: { X: 1 }, taken: 50, of: 100, ms: 12 };
    expect(
      previewText({
        fromMs: 0,
        objects: [{ name: 'HIGH', ...counts, examples: [example] }],
        skipped: [{ name: 'LOW', because: 'of this' }],
      }),
    ).toBe(
      [
        'Rows since 1970-01-01T00:00:00.000Z, under what runs and under the files',
        ' HIGH  0 added, 3 gone, 1 changed, 9 same  (50 records, 12 ms)',
        '    covers 50.0 % of 100 records',
        '    X differs in 1 rows',
        '    ~ "s1" at 1970-01-01T00:00:00.000Z  X 1 → 2',
        ' LOW  not compared: of this',
      ].join('\n'),
    );
  });

  it('says why nothing was carried out, and which command would', async () => {
    status = 422;
    answered = {
      ...{ type: 'https://isobar.example/problems/plan-blocked', title: 'Nobody said that rows may come again' },
      errors: [{ pointer: '/A', detail: 'column X comes' }],
      fix: { text: 'Say so', cli: 'npx isobar queries deploy PLAN --accept-repeats' },
    };
    await expect(deployPlan('p-1', options())).rejects.toMatchObject({
      message: 'A: column X comes',
      details: {
        why: 'Nobody said that rows may come again',
        fix: 'Say so: npx isobar queries deploy PLAN --accept-repeats',
      },
    });
  });

  it('carries out the plan that was named', async () => {
    answered = { created: ['A'], replaced: [], redeployed: ['B', 'C'], left: [] };
    await deployPlan('p-1', { ...options(), acceptRepeats: true });
    expect([asked, printed]).toEqual([
      ['POST /plans/p-1/deploy {"acceptsRepeats":true}'],
      'created A\nmade again from the earliest record B, C',
    ]);
  });
});
