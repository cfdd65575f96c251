import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import type { BatchReport, ImportReport } from './imports.js';

let service: ServiceOnPostgres;
beforeAll(async () => {
  service = await ServiceOnPostgres.start();
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);

async function send(path: string, body: BodyInit, type = 'text/csv') {
  const response = await fetch(`${service.url}/imports/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
    duplex: 'half',
  } as RequestInit);
  const lines = (await response.text()).trim().split('\n');
  const reports = lines.map((line) => JSON.parse(line) as BatchReport & ImportReport);
  return { status: response.status, batches: reports.slice(0, -1), whole: reports.at(-1) };
}

const count = async (table: string): Promise<number> =>
  Number((await service.sql(`SELECT count(*) FROM ${table}`))[0]?.['count']);

const person = (n: number): string => `import.${n},Person ${n},chicago-il`;
const file = (lines: readonly string[]): string => ['username,fullName,cityKey', ...lines].join('\n');

describe('a file of people', () => {
  it('is written batch by batch, and each batch wholly or not at all', async () => {
    const before = await count('users');
    const lines = Array.from({ length: 30 }, (_, n) => person(n));
    lines[14] = 'import.14,Person 14,atlantis-xx';
    lines[17] = 'UPPER,Person 17,chicago-il';
    const { status, batches, whole } = await send('people?batchRows=10', file(lines));
    expect(status).toBe(200);
    expect(batches.map(({ firstLine, lastLine, written, refused }) => [firstLine, lastLine, written, refused])).toEqual(
      [
        [2, 11, 10, 0],
        [12, 21, 0, 10],
        [22, 31, 10, 0],
      ],
    );
    expect(batches[1]?.errors.map(({ line, column, field }) => [line, column, field])).toEqual([
      [16, 3, 'cityKey'],
      [19, 1, 'username'],
    ]);
    expect(whole).toMatchObject({ done: true, rows: 30, written: 20, refused: 10, skipped: 0 });
    expect(await count('users')).toBe(before + 20);

    // Mended and sent again, only what is missing is written.
    const again = await send(
      'people?batchRows=10&existing=skip',
      file(Array.from({ length: 30 }, (_, n) => person(n))),
    );
    expect(again.whole).toMatchObject({ written: 10, skipped: 20, refused: 0 });
    const twice = await send('people', file([person(3), person(100), person(100)]));
    expect(twice.batches[0]?.errors.map(({ line, detail }) => [line, detail])).toEqual([
      [2, 'another person has it'],
      [4, 'an earlier row of the file has it'],
    ]);
    const rest = await send('people?fromLine=3', file([person(3), person(100)]));
    expect(rest.whole).toMatchObject({ rows: 1, written: 1 });
  });

  it('is as long as it likes: no more than a batch is in memory', async () => {
    const total = 20_000;
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent === 0) controller.enqueue(Buffer.from('username,fullName,cityKey\n'));
        const lines = Array.from({ length: 500 }, (_, n) => `long.${sent + n},Person ${sent + n},miami-fl\n`);
        controller.enqueue(Buffer.from(lines.join('')));
        sent += lines.length;
        if (sent >= total) controller.close();
      },
    });
    const { whole } = await send('people?batchRows=5000', body);
    expect(whole).toMatchObject({ done: true, rows: total, written: total });
    await service.sql("DELETE FROM users WHERE username LIKE 'long.%'");
  }, 60_000);

  it('may come as JSON, a person a line', async () => {
    const rows = [{ username: 'json.1', fullName: 'Zoë', cityKey: 'miami-fl', aqiLimit: null }, { username: 'json.2' }];
    const { batches } = await send(
      'people?batchRows=1',
      rows.map((row) => JSON.stringify(row)).join('\n'),
      'application/x-ndjson',
    );
    expect(batches.map(({ written, errors }) => [written, errors.map(({ field }) => field)])).toEqual([
      [1, []],
      [0, ['fullName', 'cityKey']],
    ]);
  });

  it.each([
    ['people', 'text/plain', 'x', 415],
    ['people', 'application/json', '{}', 415],
    ['people', 'text/csv', 'username,shoeSize\n', 422],
    ['cats', 'text/csv', 'username\n', 422],
    ['people?batchRows=0', 'text/csv', 'username\n', 422],
  ])('%s as %s is refused', async (path, type, body, status) => {
    expect((await send(path, body, type)).status).toBe(status);
  });
});

it('places and rules belong to people who are there, and a rule to a place that the person has', async () => {
  await send('people', file([person(500), person(501)]));
  const places = await send('places', 'username,name,cityKey\nimport.500,Work,miami-fl\nimport.500,Work,miami-fl\n');
  expect(places.batches[0]?.errors).toMatchObject([
    { line: 3, column: 2, detail: 'an earlier row of the file has it' },
  ]);
  expect((await send('places', 'username,name,cityKey\nimport.500,Work,miami-fl\n')).whole?.written).toBe(1);
  const header = 'username,place,name,metric,comparison,threshold,quietHours.from,quietHours.to,quietHours.zone';
  const good = [
    'import.500,Work,Hot,SENSOR_TEMPERATURE,ABOVE,95,22:00,07:00,America/New_York',
    'import.501,,Air,AIR_QUALITY_INDEX,ABOVE,150,,,',
  ];
  const bad = [
    'nobody.here,,Hot,SENSOR_TEMPERATURE,ABOVE,95,,,',
    'import.501,Work,Hot,SENSOR_TEMPERATURE,ABOVE,95,,,',
    'import.501,,Hot,SENSOR_TEMPERATURE,ABOVE,951,,,',
  ];
  const refused = await Promise.all(bad.map((line) => send('rules', [header, good[0], line].join('\n'))));
  expect(refused.map(({ batches }) => batches[0]?.errors.map(({ line, field }) => [line, field]))).toEqual([
    [[3, 'username']],
    [[3, 'place']],
    [[3, 'threshold']],
  ]);
  expect((await send('rules', [header, ...good].join('\n'))).whole).toMatchObject({ written: 2 });
  expect(
    await service.sql(
      "SELECT name, city_key, quiet_from, limit_id IS NOT NULL AS watched FROM alert_rules WHERE name IN ('Hot', 'Air') ORDER BY id",
    ),
  ).toEqual([
    { name: 'Air', city_key: 'chicago-il', quiet_from: null, watched: true },
    { name: 'Hot', city_key: 'miami-fl', quiet_from: '22:00:00', watched: true },
  ]);
  const many = Array.from({ length: 101 }, () => good[1]);
  const full = await send('rules', [header, ...many].join('\n'));
  expect(full.batches[0]?.errors).toMatchObject([{ detail: 'import.501 would have more than 100 rules' }]);
});

it('the files of the how-to page are taken as they stand there', async () => {
  const read = (name: string) => readFileSync(new URL(`../../../../docs/how-to/examples/${name}.csv`, import.meta.url));
  for (const kind of ['people', 'places', 'rules']) {
    const { whole } = await send(kind, read(kind));
    expect({ kind, refused: whole?.refused, done: whole?.done }).toEqual({ kind, refused: 0, done: true });
  }
  expect((await send('people?existing=skip', read('people'))).whole).toMatchObject({ skipped: 2, refused: 0 });
});
