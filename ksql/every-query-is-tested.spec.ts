import { readPipeline } from '@isobar/pipeline';
import { expect, it } from '@jest/globals';
import { existsSync, readdirSync } from 'node:fs';

const folder = import.meta.dirname;

it('every query has an event-time test beside it, and every window a grace period', async () => {
  // Reading the pipeline refuses a window without grace.
  const queries = (await readPipeline(folder)).filter(({ isQuery }) => isQuery);
  expect(queries.length).toBeGreaterThan(0);
  const untested = queries.filter(({ file }) => !existsSync(`${folder}/${file.replace(/\.sql$/, '.spec.ts')}`));
  expect(untested.map(({ file }) => file)).toEqual([]);
});

it('every test beside the files has its file', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const orphans = files
    .filter((file) => file.endsWith('.spec.ts') && file.includes('/'))
    .filter((file) => !files.includes(file.replace(/\.spec\.ts$/, '.sql')));
  expect(orphans).toEqual([]);
});
