import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environments, guardCases, usersFile, type GuardCase, type Settings } from './cases.js';
import { exchange, type RawAnswer } from './exchange.js';
import { guardedServices, type AnsweringService, type TableAccess } from './services.js';

/** The statuses that only the guard answers with; it alone also says so by the kind of a 400. */
const refusals = new Set<number | undefined>([401, 403, 415, 421]);

/** A refusal comes before anything else happens; what was let through may wait for neighbours that are away, or never end. */
const refusedMs = 20_000;
const allowedMs = 500;

it('every service of the repository is walked over', () => {
  const services = readdirSync('apps').filter(
    (name) => name !== 'isobar' && existsSync(join('apps', name, 'src/main.ts')),
  );
  expect(guardedServices.map(({ name }) => name).sort()).toEqual(services.sort());
});

describe.each(guardedServices)('the routes of $name', ({ table, start }) => {
  const running = new Map<Settings, AnsweringService>();
  let folder: string;

  const service = (settings: Settings = 'open'): AnsweringService => {
    const found = running.get(settings);
    if (found === undefined) throw new Error(`no service runs with the settings ${settings}`);
    return found;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-guard-users-'));
    const file = join(folder, 'users');
    writeFileSync(file, usersFile);
    for (const settings of Object.keys(environments) as Settings[])
      running.set(settings, await start(environments[settings](file)));
  }, 120_000);

  afterAll(async () => {
    await Promise.all([...running.values()].map((one) => one.stop()));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('have a rule each, and each rule has a route', () => {
    expect([...service().routes].sort()).toEqual(Object.keys(table).sort());
  });

  it.each(guardCases.map((one) => [`${one.settings ?? 'open'}: ${one.what}`, one] as const))(
    '%s',
    async (_what, one) => {
      const { port, takesForms } = service(one.settings);
      const found = await Promise.all(
        Object.entries(table).map(async ([route, access]) => {
          const expected = outcomeOf(one, access, takesForms);
          const answer = await exchange(
            port,
            requestOf(one, route, access, port),
            expected === 'allow' ? allowedMs : refusedMs,
          );
          return isAsExpected(answer, expected)
            ? undefined
            : `${route}: ${expected} expected, ${describeAnswer(answer)}`;
        }),
      );
      expect(found.filter((line) => line !== undefined)).toEqual([]);
    },
    60_000,
  );
});

function outcomeOf(one: GuardCase, access: TableAccess, takesForms: boolean) {
  if (takesForms && one.whereFormsAreTaken !== undefined) return one.whereFormsAreTaken;
  return typeof one.expected === 'object' ? one.expected[access] : one.expected;
}

function requestOf(one: GuardCase, route: string, access: TableAccess, port: number) {
  const [method = '', path = ''] = route.split(' ');
  const body = access === 'changes' || access === 'asks' ? one.body : undefined;
  const withPort = (text: string): string => text.replace('PORT', String(port));
  const headers = Object.entries({
    Connection: one.isUpgrade ? 'Upgrade' : 'close',
    ...(one.isUpgrade && {
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }),
    ...one.headers,
    ...(body !== undefined && { 'Content-Length': String(body.length) }),
  });
  return {
    method: one.method ?? method,
    target: withPort(one.targetPrefix ?? '') + path.replace(/:\w+/g, '7').replace('*', '7'),
    version: one.version ?? '1.1',
    headers: [
      ...[one.host ?? 'localhost:PORT'].flat().map((host) => ['Host', withPort(host)] as const),
      ...headers.map(([name, value]) => [name, withPort(value)] as const),
    ],
    body,
  } as const;
}

function isAsExpected({ status, text }: RawAnswer, expected: ReturnType<typeof outcomeOf>): boolean {
  if (expected !== 'allow') return status === expected;
  return !refusals.has(status) && !text.includes('problems/malformed-request');
}

const describeAnswer = ({ status, text }: RawAnswer): string =>
  `${status ?? 'no answer'} came: ${text.split('\r\n\r\n').at(-1)?.slice(0, 200) ?? ''}`;
