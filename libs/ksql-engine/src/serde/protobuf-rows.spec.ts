import { describe, expect, it } from '@jest/globals';
import protobuf from 'protobufjs';
import * as t from '../types/sql-type.js';
import { protobufRows } from './protobuf-rows.js';

const columns = [
  { name: 'ID', type: t.BIGINT },
  { name: 'COUNTS', type: t.mapType(t.STRING, t.INTEGER) },
  { name: 'a b', type: t.arrayType(t.structType([{ name: 'X', type: t.structType([{ name: 'Y', type: t.BYTES }]) }])) },
  { name: 'a_b', type: t.DOUBLE },
  { name: '1', type: t.BOOLEAN },
];

describe('rows as protobuf', () => {
  it('come with the file that reads them', () => {
    const { schemaText, encode } = protobufRows(columns);
    expect(schemaText).toBe(
      [
        'syntax = "proto3";',
        '',
        'message ConnectDefault1 {',
        '  int64 ID = 1;',
        '  repeated ConnectDefault2Entry COUNTS = 2;',
        '  repeated ConnectDefault3 a_b = 3;',
        '  double a_b_4 = 4;',
        '  bool f1 = 5;',
        '',
        '  message ConnectDefault2Entry {',
        '    string key = 1;',
        '    int32 value = 2;',
        '  }',
        '  message ConnectDefault3 {',
        '    ConnectDefault4 X = 1;',
        '',
        '    message ConnectDefault4 {',
        '      bytes Y = 1;',
        '    }',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    const type = protobuf.parse(schemaText, { keepCase: true }).root.lookupType('ConnectDefault1');
    const bytes = encode([1, new Map([['k', 2]]), [[[new Uint8Array([7])]]], 1.5, true]);
    expect(type.toObject(type.decode(bytes), { longs: String, bytes: String })).toEqual({
      ID: '1',
      COUNTS: [{ key: 'k', value: 2 }],
      a_b: [{ X: { Y: 'Bw==' } }],
      a_b_4: 1.5,
      f1: true,
    });
    expect(encode([null, null, null, null, null])).toHaveLength(0);
  });

  it('import the messages of dates, times and decimals', () => {
    const { schemaText } = protobufRows([
      { name: 'D', type: t.DATE },
      { name: 'C', type: t.decimalType(4, 2) },
      { name: 'TS', type: t.TIMESTAMP },
    ]);
    expect(schemaText).toContain(
      'import "confluent/type/decimal.proto";\nimport "google/protobuf/timestamp.proto";\nimport "google/type/date.proto";\n\nmessage',
    );
    expect(schemaText).toContain('  google.type.Date D = 1;\n  confluent.type.Decimal C = 2;\n');
  });

  it('refuse what protobuf has no spelling for', () => {
    expect(() => protobufRows([{ name: 'A', type: t.arrayType(t.arrayType(t.INTEGER)) }])).toThrow('Try a STRUCT');
    const { encode } = protobufRows([{ name: 'A', type: t.arrayType(t.INTEGER) }]);
    expect(() => encode([[null]])).toThrow('path: $.A[0]');
  });
});
