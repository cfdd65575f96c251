import { describe, expect, it } from '@jest/globals';
import { Problem } from '@isobar/service-kit';
import { csvFile, ndjsonFile, type Columns, type ImportRow } from './import-rows.js';

const columns: Columns = { name: 'text', limit: 'number', on: 'boolean', tags: 'list', 'hours.from': 'text' };

/** The text in pieces of a few bytes, so that rows and characters are cut. */
async function* pieces(text: string, size = 3): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The text, and then what is left of a request whose sender went away. */
async function* cut(text: string): AsyncGenerator<Buffer> {
  yield* pieces(text);
  throw new Error('aborted');
}

async function all(rows: AsyncIterable<ImportRow>): Promise<ImportRow[]> {
  const found: ImportRow[] = [];
  for await (const row of rows) found.push(row);
  return found;
}

describe('rows of CSV', () => {
  const csv = async (text: string): Promise<ImportRow[]> => all((await csvFile(pieces(text), columns)).rows);

  it('are read with their lines, quotes, types and fields of fields', async () => {
    const rows = await csv(
      '\ufeffname,limit,on,tags,hours.from\r\n"Zo\u00eb, ""the"" first",90.5,true,A B,22:00\r\n\r\n"two\nlines",null,false,,\r\nlast,,,,\r\n',
    );
    expect(rows).toEqual([
      {
        line: 2,
        fields: { name: 'Zo\u00eb, "the" first', limit: 90.5, on: true, tags: ['A', 'B'], hours: { from: '22:00' } },
      },
      { line: 4, fields: { name: 'two\nlines', limit: null, on: false } },
      { line: 6, fields: { name: 'last' } },
    ]);
  });

  it('that are none are told with their line, and those behind them are read', async () => {
    const rows = await csv('name,limit\nann,1\nbob\ncid,3,4\ndan,x\n');
    expect(rows.map(({ line, error }) => [line, error?.column ?? null])).toEqual([
      [2, null],
      [3, 2],
      [4, 3],
      [5, null],
    ]);
    // What is no number is left for the schema to say.
    expect(rows[3]).toEqual({ line: 5, fields: { name: 'dan', limit: 'x' } });
  });

  it('end at a row that is longer than any can be, such as behind a quote that nobody closed', async () => {
    const open = `name,limit\nann,1\n"bob,2\n${'cid,3\n'.repeat(20_000)}`;
    await expect(csv(open)).rejects.toThrow(/line \d+ is no row of CSV, and what is behind it was not read/);
    expect((await csv('name,limit\nan"n,1\nbob,2')).map(({ line }) => line)).toEqual([2, 3]);
  });

  it('end with the sender that goes away in the middle of the file, or before its first line is over', async () => {
    const read = async (text: string) => all((await csvFile(cut(text), columns)).rows);
    await expect(read('name,limit\nann,1\nbob,')).rejects.toThrow('aborted');
    await expect(read('name,li')).rejects.toThrow('aborted');
  });

  it('of another encoding than UTF-8 are told, and not kept with signs that nobody wrote', async () => {
    const latin1 = async function* () {
      yield Buffer.from('name,limit\nZo\u00eb,1\nann,2\n', 'latin1');
    };
    const rows = await all((await csvFile(latin1(), columns)).rows);
    expect(rows.map(({ line, error }) => [line, error?.column ?? null, error?.detail ?? null])).toEqual([
      [2, 1, 'holds bytes that are not UTF-8'],
      [3, null, null],
    ]);
  });

  it.each([
    ['', 'must name the columns'],
    ['name,size\nann,1\n', 'unknown columns \\(size\\)'],
    ['name,name\nann,1\n', 'a column twice'],
  ])('begin with the names of the columns: %j', async (text, words) => {
    await expect(csvFile(pieces(text), columns)).rejects.toThrow(Problem);
    await expect(csvFile(pieces(text), columns)).rejects.toThrow(new RegExp(words));
  });
});

describe('rows of JSON', () => {
  const ndjson = (text: string, size?: number): Promise<ImportRow[]> => all(ndjsonFile(pieces(text, size)).rows);

  it('are an object a line; what is none is told with line and column', async () => {
    const rows = await ndjson('{"name":"Zo\u00eb"}\n\n{"name":"a\r\n[1]\n{"name":"last"}');
    expect(rows[0]).toEqual({ line: 1, fields: { name: 'Zo\u00eb' } });
    expect(rows[1]).toMatchObject({ line: 3, error: { line: 3, column: 11 } });
    expect(rows[2]).toMatchObject({ line: 4, error: { detail: 'is no JSON object' } });
    expect(rows[3]).toEqual({ line: 5, fields: { name: 'last' } });
  });

  it('are no longer than a row can be, however long a line goes on', async () => {
    const rows = await ndjson(`{"name":"${'x'.repeat(300_000)}"}\n{"name":"next"}\n`, 40_000);
    expect(rows.map(({ line, error }) => [line, error?.detail ?? null])).toEqual([
      [1, 'is longer than 65536 bytes'],
      [2, null],
    ]);
  });

  it('may begin with a byte order mark', async () => {
    expect(await ndjson('\ufeff{"name":"ann"}\r\n{"name":"bob"}\r\n')).toEqual([
      { line: 1, fields: { name: 'ann' } },
      { line: 2, fields: { name: 'bob' } },
    ]);
  });

  it('of another encoding than UTF-8 are told, and not kept with signs that nobody wrote', async () => {
    const latin1 = async function* () {
      yield Buffer.from('{"name":"Zo\u00eb"}\n{"name":"ann"}\n', 'latin1');
    };
    const rows = await all(ndjsonFile(latin1()).rows);
    expect(rows.map(({ line, error }) => [line, error?.detail ?? null])).toEqual([
      [1, 'holds bytes that are not UTF-8'],
      [2, null],
    ]);
  });
});
