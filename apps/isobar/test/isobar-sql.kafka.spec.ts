// The console and its scripts against the repository's own server on a real broker.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KsqlClient } from '@isobar/ksql-client';
import { startKsqlServer, type KsqlServerProcess } from '@isobar/ksql-client/testing';
import { startTestStack, until, type TestStack } from '@isobar/local-stack/testing';
import { runConsole } from '../src/sql/console.js';
import { SqlSession } from '../src/sql/session.js';
import { isobar, IsobarProcess } from './isobar-process.js';

let stack: TestStack;
let server: KsqlServerProcess;
let folder: string;
let ksql: KsqlClient;
const sql = (...args: string[]) => isobar(folder, ['sql', '--server', server.url, ...args]);
const pushQueries = async (): Promise<number> =>
  (await ksql.listQueries()).filter(({ queryType }) => queryType === 'PUSH').length;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'isobar-sql-'));
  stack = await startTestStack({ parts: ['kafka'] });
  server = await startKsqlServer(stack.kafkaBrokers);
  ksql = new KsqlClient({ url: server.url });
  await ksql.execute(
    `CREATE STREAM readings (sensor VARCHAR KEY, city VARCHAR, temperature BIGINT)
       WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON', PARTITIONS=1);
     CREATE TABLE hottest AS SELECT city, MAX(temperature) AS top FROM readings GROUP BY city;`,
    { properties: { 'auto.offset.reset': 'earliest' } },
  );
  await ksql.insert('readings', { SENSOR: 's1', CITY: 'Oslo', TEMPERATURE: 9223372036854775807n });
}, 120_000);

afterAll(async () => {
  ksql?.close();
  await server?.stop();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('isobar sql -e', () => {
  it('prints aligned rows of a query that ends', async () => {
    const followed = 'SELECT sensor, city, temperature FROM readings EMIT CHANGES LIMIT 1';
    const { code, stdout } = await sql('--from-beginning', '-e', followed);
    expect(stdout.split('\n')).toEqual([
      'SENSOR  CITY  TEMPERATURE',
      '------  ----  -------------------',
      's1      Oslo  9223372036854775807',
      '',
    ]);
    expect(code).toBe(0);
  }, 60_000);

  it('prints a JSON object per row, with all digits', async () => {
    const { stdout } = await sql(
      '--from-beginning',
      '-o',
      'json',
      'SELECT sensor, temperature FROM readings EMIT CHANGES LIMIT 1;',
    );
    expect(stdout).toBe('{"SENSOR":"s1","TEMPERATURE":9223372036854775807}\n');
  }, 60_000);

  it('lists what there is', async () => {
    const { stdout, code } = await sql('-e', 'SHOW STREAMS; DESCRIBE hottest;');
    expect(stdout).toContain('READINGS  readings  KAFKA      JSON         false');
    expect(stdout).toContain('TOP     BIGINT');
    expect(code).toBe(0);
  }, 60_000);

  it('underlines what is unknown, proposes what exists, and fails', async () => {
    const { code, stderr, stdout } = await sql('-e', 'SELECT temprature FROM readings EMIT CHANGES; SHOW STREAMS;');
    expect(stderr).toContain(
      '1 | SELECT temprature FROM readings EMIT CHANGES;\n           ^^^^^^^^^^\nhelp: did you mean TEMPERATURE?',
    );
    expect(stdout).toBe('');
    expect(code).toBe(1);
    expect((await sql('-e', 'SELECT * FROM readnigs EMIT CHANGES;')).stderr).toContain('help: did you mean READINGS?');
    expect((await sql('-e', 'SELCT 1;')).stderr).toMatch(/did you mean '?SELECT/i);
  }, 60_000);

  it('writes out EMIT CHANGES where only that can be meant', async () => {
    const { stderr } = await sql('-e', 'SELECT city, COUNT(*) FROM readings GROUP BY city;');
    expect(stderr).toContain('SELECT city, COUNT(*) FROM readings GROUP BY city EMIT CHANGES;');
  }, 60_000);

  it('says that nobody answers', async () => {
    const { code, stderr } = await isobar(folder, ['sql', '--server', 'http://127.0.0.1:9', '-e', 'SHOW STREAMS;']);
    expect(stderr).toContain('127.0.0.1:9');
    expect(code).toBe(69);
  }, 60_000);

  it('ends the query on the server when it is interrupted', async () => {
    const running = new IsobarProcess(folder, [
      'sql',
      '--server',
      server.url,
      '-e',
      'SELECT * FROM readings EMIT CHANGES;',
    ]);
    await until('the query to run', 60_000, async () => (await pushQueries()) === 1);
    running.child.kill('SIGINT');
    expect((await running.finished).code).toBe(130);
    await until('the query to end', 60_000, async () => (await pushQueries()) === 0);
  }, 60_000);
});

describe('isobar sql -f', () => {
  it('runs a file until a statement fails, and names its line', async () => {
    const file = join(folder, 'script.sql');
    writeFileSync(
      file,
      "-- settings\nSET 'auto.offset.reset' = 'earliest';\nDEFINE s = 'readings';\nDESCRIBE ${s};\nDROP STREAM nowhere;\nSHOW TABLES;\n",
    );
    const { code, stdout, stderr } = await sql('-f', file);
    expect(stdout).toContain('auto.offset.reset = earliest');
    expect(stdout).toContain('READINGS: STREAM on topic readings');
    expect(stdout).not.toContain('hottest');
    expect(stderr).toContain('5 | DROP STREAM nowhere;\n                ^^^^^^^');
    expect(code).toBe(1);
  }, 60_000);

  it('refuses a file whose last statement does not end', async () => {
    const file = join(folder, 'cut.sql');
    writeFileSync(file, 'SHOW STREAMS;\nSHOW TABLES');
    const { code, stdout, stderr } = await sql('-f', file);
    expect(stderr).toContain('2 | SHOW TABLES\n               ^\nhelp: end it with a semicolon');
    expect(stdout).toBe('');
    expect(code).toBe(1);
  }, 60_000);
});

describe('the console', () => {
  it('takes statements over lines, completes live names, ends a query on Ctrl-C and keeps the history', async () => {
    const input = new PassThrough();
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    let seen = '';
    screen.on('data', (chunk: Buffer) => (seen += chunk.toString()));
    const historyFile = join(folder, 'history');
    const session = new SqlSession();
    const over = runConsole({ client: ksql, session, output: 'table', historyFile, input, screen });
    input.write('SHOW\r');
    await until('the prompt of a second line', 60_000, () => seen.includes('...> '));
    input.write('TABLES;\r');
    await until('the tables', 60_000, () => seen.includes('HOTTEST'));
    input.write('DESCRIBE hot\t');
    await until('the completed name', 60_000, () => seen.includes('hottest'));
    input.write(';\r');
    await until('the columns', 60_000, () => seen.includes('TOP'));
    input.write('SELECT * FROM readings EMIT CHANGES;\r');
    await until('the query to run', 60_000, async () => (await pushQueries()) === 1);
    input.write('\u0003');
    await until('the query to end', 60_000, async () => (await pushQueries()) === 0);
    seen = '';
    input.write("SELECT 'dropped'\r");
    await until('the prompt of a second line', 60_000, () => seen.includes('...> '));
    input.write('\u0003');
    await until('a fresh prompt', 60_000, () => seen.includes('sql> '));
    seen = '';
    input.write('this was typed by mistake');
    await until('the typed text', 60_000, () => seen.includes('mistake'));
    input.write('\u0003');
    input.write('SHOW TABLES;\r');
    await until('the tables alone', 60_000, () => seen.includes('HOTTEST') || seen.includes('error'));
    expect(seen).not.toContain('error');
    seen = '';
    input.write('help\r');
    await until('the help', 60_000, () => seen.includes('DESCRIBE city_conditions;'));
    input.write('exit\r');
    expect(await over).toBe(0);
    expect(readFileSync(historyFile, 'utf8')).toContain('SELECT * FROM readings EMIT CHANGES;');
  }, 60_000);

  it('leaves on Ctrl-D while a query runs, and ends the query', async () => {
    const input = new PassThrough();
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
    screen.resume();
    const historyFile = join(folder, 'history-of-a-leaver');
    const over = runConsole({ client: ksql, session: new SqlSession(), output: 'table', historyFile, input, screen });
    input.write('SELECT * FROM readings EMIT CHANGES;\r');
    await until('the query to run', 60_000, async () => (await pushQueries()) === 1);
    // A line behind the query is not run any more.
    input.write('DROP TABLE hottest;\r');
    input.write('\u0004');
    expect(await over).toBe(0);
    await until('the query to end', 60_000, async () => (await pushQueries()) === 0);
    expect((await sql('-e', 'SHOW TABLES;')).stdout).toContain('HOTTEST');
  }, 60_000);
});
