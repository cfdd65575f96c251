import { describe, expect, it } from '@jest/globals';
import { BIGINT, STRING } from '../types/sql-type.js';
import { rowsAsRead } from './rows-as-read.js';

const columns = [
  { name: 'A', type: BIGINT },
  { name: 'B', type: STRING },
];

describe('a row of a table', () => {
  it.each(['PROTOBUF', 'PROTOBUF_NOSR'] as const)('has what protobuf makes of NULL: %s', (format) => {
    const read = rowsAsRead({ format, properties: {} }, columns);
    expect(read([null, null])).toEqual([0, '']);
    expect(read([5, null])).toEqual([5, '']);
  });

  it('keeps its NULLs where the topic tells them', () => {
    for (const properties of [{ nullableRepresentation: 'optional' }, { nullableRepresentation: 'wrapper' }])
      expect(rowsAsRead({ format: 'PROTOBUF', properties }, columns)([null, 'b'])).toEqual([null, 'b']);
    for (const format of ['AVRO', 'JSON', 'JSON_SR', 'DELIMITED'] as const)
      expect(rowsAsRead({ format, properties: {} }, columns)([null, 'b'])).toEqual([null, 'b']);
  });
});
