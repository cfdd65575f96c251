import { KsqlProtocolError, serverError } from './errors.js';
import { parseLine, toRow, type KsqlRow } from './rows.js';
import { parseSchemaText, parseSqlType, type Column } from './sql-type.js';

interface QueryHeader {
  /** The id that `/close-query` and TERMINATE take; pull queries of some versions have none. */
  readonly queryId: string | null;
  readonly columns: readonly Column[];
}

export interface RowEvent {
  readonly row: KsqlRow;
  /** The row's key was deleted from the table; only the key columns are filled. */
  readonly isTombstone: boolean;
}

export interface RowReader {
  readonly header: QueryHeader;
  readonly events: AsyncGenerator<RowEvent>;
}

/**
 * Reads `application/vnd.ksqlapi.delimited.v1`: line 1 `{"queryId":…,"columnNames":[…],"columnTypes":[…]}`, then one
 * JSON array per row, an error as a `generic_error` object in the place of a row.
 */
export async function readDelimited(lines: AsyncGenerator<string>): Promise<RowReader> {
  const first = asObject(parseLine(await firstLine(lines), []));
  if ('@type' in first) throw serverError(200, first);
  if (!isTextArray(first['columnNames']) || !isTextArray(first['columnTypes'])) {
    throw new KsqlProtocolError('The answer of /query-stream does not start with its columns.');
  }
  const types = first['columnTypes'];
  const columns = first['columnNames'].map((name, index) => {
    const typeText = types[index] ?? 'STRING';
    return { name, typeText, type: parseSqlType(typeText) };
  });
  return { header: { queryId: textOrNull(first['queryId']), columns }, events: delimitedRows(lines, columns) };
}

async function* delimitedRows(lines: AsyncGenerator<string>, columns: readonly Column[]): AsyncGenerator<RowEvent> {
  for await (const line of lines) {
    if (line.trim() === '') continue;
    const item = parseLine(line, columns);
    if (Array.isArray(item)) yield { row: toRow(item, columns), isTombstone: false };
    else if (asObject(item)['@type'] !== undefined) throw serverError(200, asPlain(line));
    // anything else is a consistency or continuation token
  }
}

/**
 * Reads the answer of `/query`: one JSON array written a line per element, `{"header":…}`, `{"row":…}`,
 * `{"finalMessage":…}` or `{"errorMessage":…}`. A stream cut off leaves the array open, so it is read line by line.
 */
export async function readClassic(lines: AsyncGenerator<string>): Promise<RowReader> {
  const first = asObject(parseLine(element(await firstLine(lines)), []));
  const header = asObject(first['header'] ?? {});
  if (first['errorMessage'] !== undefined) throw serverError(200, first['errorMessage']);
  if (typeof header['schema'] !== 'string') {
    throw new KsqlProtocolError('The answer of /query does not start with its header.');
  }
  const columns = parseSchemaText(header['schema']);
  return { header: { queryId: textOrNull(header['queryId']), columns }, events: classicRows(lines, columns) };
}

async function* classicRows(lines: AsyncGenerator<string>, columns: readonly Column[]): AsyncGenerator<RowEvent> {
  for await (const line of lines) {
    const text = element(line);
    if (text === '') continue;
    const item = asObject(parseLine(text, columns));
    if (item['errorMessage'] !== undefined) throw serverError(200, asPlain(text, 'errorMessage'));
    if (item['finalMessage'] !== undefined) return;
    if (item['row'] === undefined) continue;
    const { columns: values, tombstone } = asObject(item['row']) as { columns?: unknown; tombstone?: unknown };
    yield { row: toRow(values, columns), isTombstone: tombstone === true };
  }
}

/** Strips what belongs to the array around the element: an opening bracket, a comma, a closing bracket. */
function element(line: string): string {
  const start = line.trim().replace(/^\[(?=\{|$)/, '');
  return start === ']' ? '' : start.replace(/(?<=\})[,\]]$/, '');
}

async function firstLine(lines: AsyncGenerator<string>): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new KsqlProtocolError('ksqlDB ended its answer before the first line.');
    if (value.trim() !== '') return value;
  }
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new KsqlProtocolError(`ksqlDB sent ${JSON.stringify(value)?.slice(0, 100)} where an object is due.`);
}

/** An error line parsed again with plain numbers. */
function asPlain(text: string, member?: string): unknown {
  const plain = asObject(parseLine(text, []));
  return member === undefined ? plain : plain[member];
}

const isTextArray = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
