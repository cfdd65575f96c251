import { describe, expect, it } from '@jest/globals';
import type { SqlType } from '@isobar/ksql-engine';
import { protobufFraming, streamedRowFraming, type AnswerHeader } from './row-writer.js';

const columns: AnswerHeader['columns'] = [
  { name: 'ID', type: { kind: 'INTEGER' }, isKey: true },
  { name: 'V', type: { kind: 'STRING' }, isKey: false },
];
const types: readonly SqlType[] = columns.map(({ type }) => type);
const header: AnswerHeader = { queryId: 'q', columns, marksKeys: true };

describe('the framing of rows', () => {
  it('writes rows as objects', () => {
    const framing = streamedRowFraming(false);
    const text = framing.begin(header) + framing.row([1, 'a'], types, false) + framing.end(undefined);
    expect(JSON.parse(text)).toEqual([
      { header: { queryId: 'q', schema: '`ID` INTEGER KEY, `V` STRING' } },
      { row: { columns: [1, 'a'] } },
    ]);
  });

  it('writes rows as protobuf messages with the schema to read them', () => {
    const framing = protobufFraming(false);
    const text =
      framing.begin(header) +
      framing.row([150, 'a'], types, false) +
      framing.row([1, null], types, true) +
      framing.end('Limit Reached');
    expect(JSON.parse(text)).toEqual([
      {
        header: {
          queryId: 'q',
          protoSchema: 'syntax = "proto3";\n\nmessage ConnectDefault1 {\n  int32 ID = 1;\n  string V = 2;\n}\n',
        },
      },
      { row: { protobufBytes: Buffer.from('089601120161', 'hex').toString('base64') } },
      { row: { protobufBytes: Buffer.from('0801', 'hex').toString('base64'), tombstone: true } },
      { finalMessage: 'Limit Reached' },
    ]);
  });

  it('says before the answer begins that protobuf cannot hold a type', () => {
    const type: SqlType = { kind: 'ARRAY', element: { kind: 'ARRAY', element: { kind: 'INTEGER' } } };
    const wide: AnswerHeader = { ...header, columns: [{ name: 'A', type, isKey: false }] };
    expect(() => protobufFraming(true).begin(wide)).toThrow('ARRAY<ARRAY<INTEGER>>');
  });
});
