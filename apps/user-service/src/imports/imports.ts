import type { CityCatalog } from '@isobar/contracts';
import { Problem } from '@isobar/service-kit';
import type { Database } from '../database/database.js';
import { importKinds, type Fault, type ImportKind, type ImportKindName } from './import-kinds.js';
import { csvFile, ndjsonFile, type ImportFile, type ImportRow, type RowError } from './import-rows.js';

export interface ImportOptions {
  /** Rows that are written together, or not at all. */
  readonly batchRows: number;
  /** `skip`: what is there already is left as it is. */
  readonly existing: 'refuse' | 'skip';
  /** Rows before this line were taken by an earlier attempt. */
  readonly fromLine: number;
}

/** What became of a batch. */
export interface BatchReport {
  readonly batch: number;
  readonly firstLine: number;
  readonly lastLine: number;
  readonly written: number;
  readonly skipped: number;
  /** Rows that were not written, since one of their batch cannot be. */
  readonly refused: number;
  readonly errors: readonly RowError[];
  /** Errors that are not listed. */
  readonly moreErrors: number;
}

export interface ImportReport {
  readonly done: boolean;
  readonly rows: number;
  readonly written: number;
  readonly skipped: number;
  readonly refused: number;
  /** What the database took. */
  readonly databaseMs: number;
  /** Why it ended early, and the line to go on from. */
  readonly problem?: string;
  readonly goOnFromLine?: number;
}

const errorsListedMax = 100;
const detailCharactersMax = 300;

/** What is kept of a row until its batch is full: a row may be long, and what it is by its kind is short. */
type JudgedRow =
  | { readonly line: number; readonly value: unknown; readonly errors?: undefined }
  | { readonly line: number; readonly errors: readonly RowError[] };

interface Pending {
  readonly rows: JudgedRow[];
  readonly firstLine: number;
}

/** Files of people, places and rules, read as they come: no more than a batch of it is in memory. */
export class Imports {
  constructor(
    private readonly catalog: CityCatalog,
    private readonly database: Database,
  ) {}

  /** @throws Problem 422 when the file cannot be read at all */
  async open(kind: ImportKindName, type: 'csv' | 'ndjson', body: AsyncIterable<Buffer>): Promise<ImportFile> {
    return type === 'csv' ? csvFile(body, importKinds[kind].columns) : ndjsonFile(body);
  }

  /** Reports each batch as it is done, and the whole at the end. */
  async *run(
    kind: ImportKindName,
    file: ImportFile,
    options: ImportOptions,
  ): AsyncGenerator<BatchReport | ImportReport> {
    const total = { rows: 0, written: 0, skipped: 0, refused: 0, databaseMs: 0 };
    let goOnFromLine = options.fromLine;
    let batch = 0;
    try {
      const importKind = importKinds[kind] as ImportKind<unknown>;
      const judge = (row: ImportRow): JudgedRow => judgeRow(importKind, this.catalog, row, file);
      for await (const pending of batchesOf(file.rows, judge, options)) {
        goOnFromLine = pending.firstLine;
        const startedMs = performance.now();
        const outcome = await this.take(importKind, file, pending.rows, options);
        total.databaseMs += performance.now() - startedMs;
        batch += 1;
        total.rows += pending.rows.length;
        total.written += outcome.written;
        total.skipped += outcome.skipped;
        total.refused += outcome.refused;
        const lastLine = pending.rows.at(-1)?.line ?? pending.firstLine;
        goOnFromLine = lastLine + 1;
        yield { batch, firstLine: pending.firstLine, lastLine, ...outcome };
      }
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      yield { done: false, ...total, databaseMs: Math.round(total.databaseMs), problem, goOnFromLine };
      return;
    }
    yield { done: true, ...total, databaseMs: Math.round(total.databaseMs) };
  }

  private async take(
    kind: ImportKind<unknown>,
    file: ImportFile,
    rows: readonly JudgedRow[],
    { existing }: ImportOptions,
  ): Promise<Pick<BatchReport, 'written' | 'skipped' | 'refused' | 'errors' | 'moreErrors'>> {
    const errors = rows.flatMap((row) => row.errors ?? []);
    const good = rows.flatMap((row) => (row.errors === undefined ? [row] : []));
    if (errors.length > 0) return refusal(rows.length, errors);
    const { faults, skipped } = await this.write(kind, good, existing === 'skip');
    if (faults.length === 0) return { written: good.length - skipped, skipped, refused: 0, errors: [], moreErrors: 0 };
    return refusal(
      rows.length,
      faults.map(({ index, field, detail }) => ({
        line: good[index]?.line ?? 0,
        column: field === null ? null : file.columnOf(field),
        field,
        detail,
      })),
    );
  }

  private async write(
    kind: ImportKind<unknown>,
    rows: readonly { readonly value: unknown }[],
    isSkipping: boolean,
  ): Promise<{ readonly faults: readonly Fault[]; readonly skipped: number }> {
    const values = rows.map(({ value }) => value);
    try {
      return await this.database.transaction((manager) => kind.write(manager, values, isSkipping));
    } catch (error) {
      // The database is there and refuses the rows: somebody else wrote at the same time.
      if (!(error instanceof Problem) || error.getStatus() === 503) throw error;
      return { faults: [{ index: 0, field: null, detail: error.message }], skipped: 0 };
    }
  }
}

function refusal(refused: number, errors: readonly RowError[]) {
  const listed = errors.slice(0, errorsListedMax);
  return { written: 0, skipped: 0, refused, errors: listed, moreErrors: errors.length - listed.length };
}

async function* batchesOf(
  rows: AsyncIterable<ImportRow>,
  judge: (row: ImportRow) => JudgedRow,
  { batchRows, fromLine }: ImportOptions,
): AsyncGenerator<Pending> {
  let pending: JudgedRow[] = [];
  for await (const row of rows) {
    if (row.line < fromLine) continue;
    pending.push(judge(row));
    if (pending.length < batchRows) continue;
    yield { rows: pending, firstLine: pending[0]?.line ?? 0 };
    pending = [];
  }
  if (pending.length > 0) yield { rows: pending, firstLine: pending[0]?.line ?? 0 };
}

function judgeRow(
  kind: ImportKind<unknown>,
  catalog: CityCatalog,
  row: ImportRow,
  { columnOf }: ImportFile,
): JudgedRow {
  const { line } = row;
  if (row.error !== undefined) return { line, errors: [row.error] };
  const at = (field: string | null, detail: string): RowError => ({
    line,
    column: field === null ? null : columnOf(field),
    field,
    // Some name what the row has, and that may be long.
    detail: detail.slice(0, detailCharactersMax),
  });
  const parsed = kind.schema.safeParse(row.fields);
  if (!parsed.success)
    return {
      line,
      errors: parsed.error.issues.map(({ path, message }) => at(path.length === 0 ? null : path.join('.'), message)),
    };
  const faults = kind.check(parsed.data, catalog);
  return faults.length === 0
    ? { line, value: parsed.data }
    : { line, errors: faults.map(({ field, detail }) => at(field, detail)) };
}
