import { expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';

const folder = import.meta.dirname;

it('every test beside the files has its file', () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const orphans = files
    .filter((file) => file.endsWith('.spec.ts') && file.includes('/'))
    .filter((file) => !files.includes(file.replace(/\.spec\.ts$/, '.sql')));
  expect(orphans).toEqual([]);
});

it('the images have the tests beside the files: none would be deployed without', () => {
  const lines = readFileSync(`${folder}/../.dockerignore`, 'utf8').split('\n');
  expect(lines.indexOf('!ksql/**/*.spec.ts')).toBeGreaterThan(lines.indexOf('**/*.spec.ts'));
});
