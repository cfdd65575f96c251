import { describe, expect, it } from '@jest/globals';
import { complete } from './complete.js';
import type { LiveNames } from './names.js';
import { nearest } from './nearest.js';

const names: LiveNames = {
  streams: ['READINGS'],
  tables: ['HOTTEST'],
  columns: new Map([
    ['READINGS', ['SENSOR', 'TEMPERATURE']],
    ['HOTTEST', ['CITY', 'MAX_F']],
  ]),
  functions: ['COUNT', 'COALESCE'],
  queries: ['CTAS_HOTTEST_1'],
};
const after = (text: string): readonly string[] => complete(text, names)[0];

describe('completion', () => {
  it('begins with statements', () => {
    expect(after('DES')).toEqual(['DESCRIBE']);
    expect(after('SHOW STREAMS; sel')).toEqual(['select']);
  });

  it('offers sources where a source stands', () => {
    expect(after('SELECT * FROM ')).toEqual(['HOTTEST', 'READINGS']);
    expect(after('select * from rea')).toEqual(['readings']);
    expect(after('DESCRIBE H')).toEqual(['HOTTEST']);
  });

  it('offers the columns of the sources that the statement reads, and functions', () => {
    expect(after('SELECT city FROM hottest WHERE M')).toEqual(['MAP', 'MAX_F']);
    expect(after('SELECT SEN')).toEqual(['SENSOR']);
    expect(after('SELECT COA')).toEqual(['COALESCE(']);
  });

  it('follows an alias to its columns', () => {
    expect(after('SELECT * FROM readings AS r WHERE r.T')).toEqual(['r.TEMPERATURE']);
    expect(after('SELECT * FROM readings WHERE readings.s')).toEqual(['readings.sensor']);
  });

  it('offers running queries', () => {
    expect(after('TERMINATE C')).toEqual(['CTAS_HOTTEST_1']);
  });

  it('answers with the word that it completes', () => {
    expect(complete('SELECT * FROM rea', names)[1]).toBe('rea');
  });
});

describe('nearest names', () => {
  it('are those with few edits, best first, whatever the case', () => {
    expect(nearest('raedings', ['READINGS', 'READING', 'HOTTEST'])).toEqual(['READINGS', 'READING']);
    expect(nearest('zzz', ['READINGS'])).toEqual([]);
    expect(nearest('readings', ['READINGS'])).toEqual([]);
  });
});
