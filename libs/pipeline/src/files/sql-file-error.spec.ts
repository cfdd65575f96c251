import { expect, it } from '@jest/globals';
import { SqlFileError } from './sql-file-error.js';

it('names its file once, whether it stands alone or beside the file', () => {
  const placed = new SqlFileError('1-a.sql', { line: 4, column: 1 }, 'no such column');
  expect([placed.message, placed.detail]).toEqual(['1-a.sql:4:1: no such column', 'line 4, column 1: no such column']);
  const whole = new SqlFileError('1-a.sql', undefined, 'it is empty');
  expect([whole.message, whole.detail]).toEqual(['1-a.sql: it is empty', 'it is empty']);
});
