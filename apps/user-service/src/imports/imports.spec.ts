import { expect, it } from '@jest/globals';
import type { CityCatalog } from '@isobar/contracts';
import type { Database } from '../database/database.js';
import type { ImportRow } from './import-rows.js';
import { Imports, type BatchReport } from './imports.js';

it('of a long row no more is kept than what is wrong with it, in few words, until its batch is full', async () => {
  const events: string[] = [];
  const rows = async function* (): AsyncGenerator<ImportRow> {
    for (let line = 1; line <= 3; line += 1) {
      events.push(`asked for ${line}`);
      yield {
        line,
        get fields() {
          events.push(`judged ${line}`);
          return { username: 'ann', fullName: 'Ann', cityKey: 'chicago-il', ['x'.repeat(60_000)]: 1 };
        },
      };
    }
  };
  // Nothing of it can be written, so that neither is asked.
  const imports = new Imports({} as CityCatalog, {} as Database);
  const reports: BatchReport[] = [];
  const file = { rows: rows(), columnOf: () => null };
  for await (const report of imports.run('people', file, { batchRows: 3, existing: 'refuse', fromLine: 1 }))
    reports.push(report as BatchReport);
  expect(events).toEqual([1, 2, 3].flatMap((line) => [`asked for ${line}`, `judged ${line}`]));
  expect(reports[0]).toMatchObject({ refused: 3, errors: [{ line: 1 }, { line: 2 }, { line: 3 }] });
  for (const { detail } of reports[0]?.errors ?? []) expect(detail.length).toBeLessThanOrEqual(300);
});
