import { describe, expect, it } from '@jest/globals';
import { Decimal } from '../types/decimal.js';
import * as t from '../types/sql-type.js';
import { delimitedFormat } from './delimited.js';

const serdeOf = (types: readonly t.SqlType[], delimiter?: string) =>
  delimitedFormat.createSerde({
    columns: types.map((type, i) => ({ name: `C${i}`, type })),
    isKey: false,
    info: { format: 'DELIMITED', properties: delimiter === undefined ? {} : { delimiter } },
  });

describe('DELIMITED', () => {
  it('writes one line, quoting only what needs it', () => {
    const serde = serdeOf([t.STRING, t.STRING, t.DOUBLE, t.decimalType(4, 2)]);
    const bytes = serde.serialize(['a,b', 'say "hi"', 1, new Decimal(150n, 2)]);
    expect(Buffer.from(bytes!).toString()).toBe('"a,b","say ""hi""",1.0,1.50');
  });

  it('reads empty fields as null', () => {
    expect(serdeOf([t.STRING, t.INTEGER, t.STRING]).deserialize(Buffer.from(',,'))).toEqual([null, null, null]);
  });

  it('takes any word but true as false', () => {
    expect(serdeOf([t.BOOLEAN, t.BOOLEAN]).deserialize(Buffer.from('TRUE,yes'))).toEqual([true, false]);
  });

  it('wants exactly as many fields as columns', () => {
    expect(() => serdeOf([t.STRING, t.STRING]).deserialize(Buffer.from('a'))).toThrow('csvFields:1, schemaFields:2');
    expect(() => serdeOf([t.STRING]).deserialize(Buffer.from('a,b'))).toThrow('csvFields:2, schemaFields:1');
  });

  it('separates by a blank, a tab or any character', () => {
    expect(serdeOf([t.STRING, t.INTEGER], 'SPACE').deserialize(Buffer.from('a 1'))).toEqual(['a', 1]);
    expect(Buffer.from(serdeOf([t.STRING, t.INTEGER], '|').serialize(['a,b', 1])!).toString()).toBe('a,b|1');
  });

  it('names the column that cannot be read', () => {
    expect(() => serdeOf([t.STRING, t.INTEGER]).deserialize(Buffer.from('a,b'))).toThrow("'C1'");
  });

  it('refuses nested types', () => {
    const columns = [{ name: 'A', type: t.arrayType(t.STRING) }];
    const options = { columns, isKey: false, info: { format: 'DELIMITED' as const, properties: {} } };
    expect(() => delimitedFormat.validate(options)).toThrow('ARRAY');
  });

  describe('quotes, as Commons CSV does,', () => {
    const lineOf = (...row: readonly string[]) =>
      Buffer.from(serdeOf(row.map(() => t.STRING)).serialize(row) ?? []).toString();

    it.each([
      ['begins with anything but a letter or a digit', '-a', '"-a"', '-a'],
      ['begins with a letter of another alphabet', 'éa', '"éa"', 'éa'],
      ['begins with $, the first sign behind #', '$a', '"$a"', '$a'],
      ['begins with #', '#a', '"#a"', '"#a"'],
      ['begins with !', '!a', '"!a"', '"!a"'],
      ['begins with a blank', ' a', '" a"', '" a"'],
      ['ends with a blank', 'a ', '"a "', '"a "'],
      ['ends with a tab', 'a\t', '"a\t"', '"a\t"'],
      ['ends with !, the first sign behind the blank', 'a!', 'a!', 'a!'],
      ['holds a # or a blank inside', 'a #b', 'a #b', 'a #b'],
      ['holds the delimiter', 'a,b', '"a,b"', '"a,b"'],
      ['holds a line feed', 'a\nb', '"a\nb"', '"a\nb"'],
      ['holds a carriage return', 'a\rb', '"a\rb"', '"a\rb"'],
      ['holds a quote', 'a"b', '"a""b"', '"a""b"'],
      ['is empty', '', '""', ''],
      ['is one letter', 'a', 'a', 'a'],
      ['is one digit', '7', '7', '7'],
    ])('a field that %s: first in a line, and behind another', (_what, text, first, second) => {
      expect(lineOf(text, 'x')).toBe(`${first},x`);
      expect(lineOf('x', text)).toBe(`x,${second}`);
    });

    it('and reads all of them back but the empty one that is not quoted', () => {
      const serde = serdeOf([t.STRING, t.STRING]);
      for (const text of ['-a', '#a', ' a', 'a ', 'a,b', 'a\nb', 'a\rb', 'a"b', '"', '""', '","'])
        expect(serde.deserialize(serde.serialize([text, text]))).toEqual([text, text]);
      expect(serde.deserialize(serde.serialize(['x', '']))).toEqual(['x', null]);
    });
  });

  it('ends at the end of the line, quoted or not', () => {
    const serde = serdeOf([t.STRING, t.STRING]);
    for (const end of ['\n', '\r', '\r\n', '\nmore,and more'])
      for (const line of ['a,b', 'a,"b"']) expect(serde.deserialize(Buffer.from(line + end))).toEqual(['a', 'b']);
  });

  it('refuses quotes that end too early or not at all', () => {
    const serde = serdeOf([t.STRING, t.STRING]);
    expect(() => serde.deserialize(Buffer.from('a,"b'))).toThrow('A quoted field has no closing quote');
    expect(() => serde.deserialize(Buffer.from('"a"b,c'))).toThrow(
      'Unexpected text after a quoted field at character 3',
    );
    expect(() => serde.deserialize(Buffer.from('a,"b" '))).toThrow('at character 5');
  });

  it('has no bytes for a null alone, and an empty field for one among others', () => {
    expect(serdeOf([t.STRING]).serialize([null])).toBeNull();
    expect(Buffer.from(serdeOf([t.STRING, t.INTEGER]).serialize([null, null]) ?? []).toString()).toBe(',');
  });

  it('writes bytes as base64, numbers and truths as they are read', () => {
    const serde = serdeOf([t.BYTES, t.INTEGER, t.BIGINT, t.BOOLEAN]);
    const line = Buffer.from(
      serde.serialize([new Uint8Array([255, 0]), -7, 9007199254740993n, false]) ?? [],
    ).toString();
    expect(line).toBe('"/wA=",-7,9007199254740993,false');
    expect(serde.deserialize(Buffer.from(line))).toEqual([new Uint8Array([255, 0]), -7, 9007199254740993n, false]);
  });

  it('leaves alone what nobody asks for, however wrong', () => {
    const columns = ['A', 'B'].map((name) => ({ name, type: t.INTEGER }));
    const info = { format: 'DELIMITED' as const, properties: {} };
    const serde = delimitedFormat.createSerde({ columns, isKey: false, info, needed: [true, false] });
    expect(serde.deserialize(Buffer.from('1,x'))).toEqual([1, null]);
    expect(() => serde.deserialize(Buffer.from('x,1'))).toThrow("Field 'A' can not be read as INTEGER");
  });

  it('keeps what was wrong with a field as the cause', () => {
    expect(() => serdeOf([t.INTEGER]).deserialize(Buffer.from('x'))).toThrow(
      expect.objectContaining({ cause: expect.any(Error) }),
    );
  });

  it.each(['', 'ab', 'tab'])('refuses the delimiter "%s", by itself and with its columns', (delimiter) => {
    const options = {
      columns: [{ name: 'A', type: t.STRING }],
      isKey: false,
      info: { format: 'DELIMITED' as const, properties: { delimiter } },
    };
    const message = `Invalid delimiter value: '${delimiter}'. Delimiter must be a single character or TAB,SPACE`;
    expect(() => delimitedFormat.validate(options)).toThrow(message);
    expect(() => delimitedFormat.createSerde(options)).toThrow(message);
  });

  it('says which type it has no text for, also where nobody checked before', () => {
    const info = { format: 'DELIMITED' as const, properties: {} };
    const of = (type: t.SqlType) => ({ columns: [{ name: 'A', type }], isKey: false, info });
    expect(() => delimitedFormat.validate(of(t.STRING))).not.toThrow();
    expect(() => delimitedFormat.createSerde(of(t.arrayType(t.STRING)))).toThrow(
      "The 'DELIMITED' format does not support type 'ARRAY'",
    );
  });
});
