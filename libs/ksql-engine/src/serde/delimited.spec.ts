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
});
