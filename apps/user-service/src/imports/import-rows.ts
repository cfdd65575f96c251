import { Problem } from '@isobar/service-kit';
import { CsvError, parse, type Info } from 'csv-parse';
import { Readable } from 'node:stream';

/** How a text of CSV becomes a value; a name with a dot is a field of a field. */
export type Columns = Readonly<Record<string, 'text' | 'number' | 'boolean' | 'list'>>;

/** What is wrong, and where: the line of the file, and the field and its column (of CSV, the first is 1) where it is one field's. */
export interface RowError {
  readonly line: number;
  readonly column: number | null;
  readonly field: string | null;
  readonly detail: string;
}

/** A row as it was read, or why it could not be. */
export type ImportRow =
  | { readonly line: number; readonly fields: Readonly<Record<string, unknown>>; readonly error?: undefined }
  | { readonly line: number; readonly error: RowError };

export interface ImportFile {
  readonly rows: AsyncIterable<ImportRow>;
  /** The column of a field, where the file has columns. */
  readonly columnOf: (field: string) => number | null;
}

const rowBytesMax = 64 * 1024;
/** What decoding puts where bytes are no UTF-8. */
const notUtf8 = '\ufffd';
const notUtf8Words = 'holds bytes that are not UTF-8';

/**
 * Rows of CSV (RFC 4180) whose first line names the columns. An empty cell is a field that is not given; `null` in a number's column is null.
 *
 * @throws Problem 422 when the first line names columns that there are not, or is none. Reading the rows throws for one that is longer than any
 *   can be, such as behind a quote that nobody closed
 */
export async function csvFile(body: AsyncIterable<Buffer>, columns: Columns): Promise<ImportFile> {
  const parser = parse({
    bom: true,
    info: true,
    trim: true,
    relax_column_count: true,
    // A quote inside a cell is a quote: one that nobody closed ends the file at the longest row.
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: rowBytesMax,
  });
  const source = Readable.from(body);
  // A sender who goes away is an error of the source, which `pipe` tells nobody of. The other way round the source stays: it is the request,
  // whose answer is still to be sent.
  source.on('error', (error) => parser.destroy(error));
  const records = source.pipe(parser)[Symbol.asyncIterator]() as AsyncIterator<{
    record: string[];
    info: Info;
  }>;
  const next = () =>
    records.next().catch((error: unknown) => {
      throw error instanceof CsvError ? toProblem(error) : error;
    });
  const first = await next();
  const header = first.done === true ? [] : first.value.record;
  checkHeader(header, columns);
  const read = async function* (): AsyncGenerator<ImportRow> {
    for (let row = await next(); row.done !== true; row = await next())
      yield toRow(row.value.record, header, columns, row.value.info.lines);
  };
  return { rows: read(), columnOf: (field) => header.indexOf(field) + 1 || null };
}

const toProblem = (error: CsvError): Problem =>
  Problem.validation(
    [
      {
        pointer: '',
        detail: `line ${String(error['lines'])} is no row of CSV, and what is behind it was not read: ${error.message.slice(0, 200)}`,
      },
    ],
    'The file cannot be read',
  );

/** Rows of JSON, an object a line. */
export function ndjsonFile(body: AsyncIterable<Buffer>): ImportFile {
  return { rows: ndjsonRows(body), columnOf: () => null };
}

async function* ndjsonRows(body: AsyncIterable<Buffer>): AsyncGenerator<ImportRow> {
  let line = 0;
  for await (const text of linesOf(body)) {
    line += 1;
    if (text === undefined) yield fault(line, null, `is longer than ${rowBytesMax} bytes`);
    else if (text.includes(notUtf8)) yield fault(line, null, notUtf8Words);
    else if (text.trim() !== '') yield toObject(line === 1 ? text.replace(/^\ufeff/, '') : text, line);
  }
}

/** @returns undefined for a line that is too long to be one */
async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  for await (const chunk of body) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      yield isTooLong || end > rowBytesMax ? undefined : rest.toString('utf8', 0, end);
      isTooLong = false;
      rest = rest.subarray(end + 1);
    }
    if (rest.length <= rowBytesMax) continue;
    isTooLong = true;
    rest = Buffer.alloc(0);
  }
  if (isTooLong) yield undefined;
  else if (rest.length > 0) yield rest.toString('utf8');
}

function toObject(text: string, line: number): ImportRow {
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
      return fault(line, null, 'is no JSON object');
    return { line, fields: fields as Record<string, unknown> };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const position = /position (\d+)/.exec(message)?.[1];
    return fault(line, position === undefined ? null : Number(position) + 1, `is no JSON: ${message.slice(0, 120)}`);
  }
}

const fault = (line: number, column: number | null, detail: string): ImportRow => ({
  line,
  error: { line, column, field: null, detail },
});

/** @throws Problem 422 */
function checkHeader(header: readonly string[], columns: Columns): void {
  const known = Object.keys(columns);
  const unknown = header.filter((name) => !known.includes(name));
  if (header.length > 0 && unknown.length === 0 && new Set(header).size === header.length) return;
  throw Problem.validation(
    [
      {
        pointer: '',
        detail:
          header.length === 0
            ? `the first line must name the columns; there are ${known.join(', ')}`
            : `line 1 has ${unknown.length > 0 ? `unknown columns (${unknown.slice(0, 10).join(', ').slice(0, 200)})` : 'a column twice'}; there are ${known.join(', ')}`,
      },
    ],
    'The file cannot be read',
  );
}

function toRow(record: readonly string[], header: readonly string[], columns: Columns, lastLine: number): ImportRow {
  const line = lastLine - record.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
  if (record.length !== header.length)
    return fault(
      line,
      Math.min(record.length, header.length) + 1,
      `has ${record.length} cells where the first line names ${header.length} columns`,
    );
  const odd = record.findIndex((cell) => cell.includes(notUtf8));
  if (odd !== -1) return fault(line, odd + 1, notUtf8Words);
  const fields: Record<string, unknown> = {};
  for (const [index, name] of header.entries()) {
    const value = toValue(record[index] ?? '', columns[name] ?? 'text');
    if (value === undefined) continue;
    const [outer = name, inner] = name.split('.');
    if (inner === undefined) fields[name] = value;
    else fields[outer] = { ...(fields[outer] as object | undefined), [inner]: value };
  }
  return { line, fields };
}

function toValue(cell: string, type: Columns[string]): unknown {
  if (cell === '') return undefined;
  if (type === 'number') {
    if (cell === 'null') return null;
    const number = Number(cell);
    return Number.isFinite(number) ? number : cell;
  }
  if (type === 'boolean') return cell === 'true' ? true : cell === 'false' ? false : cell;
  return type === 'list' ? cell.split(/[ ;|]+/) : cell;
}
