import { describe, expect, it } from '@jest/globals';
import { AlignedRows } from './aligned-rows.js';
import { entityLines } from './entity-text.js';
import { cellText, valueJson } from './value-text.js';

const entity = (fields: object): Parameters<typeof entityLines>[0] =>
  ({ statementText: '', warnings: [], ...fields }) as unknown as Parameters<typeof entityLines>[0];

describe('aligned rows', () => {
  it('stand under their names, numbers to the right', () => {
    const lines: string[] = [];
    const rows = new AlignedRows(['CITY', 'N'], (line) => lines.push(line));
    rows.add(['Oslo', '7']);
    rows.add(['Rome', '1200']);
    rows.flush();
    rows.add(['a longer name', '3']);
    rows.flush();
    expect(lines).toEqual(['CITY  N', '----  ----', 'Oslo     7', 'Rome  1200', 'a longer name     3']);
  });

  it('show the head even without rows', () => {
    const lines: string[] = [];
    new AlignedRows(['A'], (line) => lines.push(line)).flush();
    expect(lines).toEqual(['A', '-']);
  });
});

describe('values', () => {
  it('keep their digits in JSON', () => {
    expect(valueJson({ a: 9223372036854775807n, b: [null, 'x'], c: true })).toBe(
      '{"a":9223372036854775807,"b":[null,"x"],"c":true}',
    );
  });

  it('cannot move the cursor', () => {
    expect(cellText('a\n\u001b[31mred')).toBe(String.raw`a\n\u001b[31mred`);
    expect(cellText(null)).toBe('null');
    expect(cellText([1, 'x'])).toBe('[1,"x"]');
  });
});

describe('answers', () => {
  it('are tables where they are lists', () => {
    const source = {
      type: 'STREAM',
      name: 'R',
      topic: 'r',
      keyFormat: 'KAFKA',
      valueFormat: 'JSON',
      isWindowed: false,
    };
    expect(entityLines(entity({ '@type': 'streams', streams: [source] }))).toEqual([
      'name  topic  keyFormat  valueFormat  isWindowed',
      '----  -----  ---------  -----------  ----------',
      'R     r      KAFKA      JSON         false',
    ]);
  });

  it('are sentences where something was done, warnings first', () => {
    const done = {
      '@type': 'currentStatus',
      commandStatus: { status: 'SUCCESS', message: 'Stream created' },
      warnings: [{ message: 'old' }],
    };
    expect(entityLines(entity(done))).toEqual(['warning: old', 'Stream created']);
  });

  it('show the columns of a source with their types', () => {
    const schema = {
      type: 'ARRAY',
      memberSchema: { type: 'STRUCT', fields: [{ name: 'A', schema: { type: 'INTEGER' } }] },
    };
    const described = {
      name: 'R',
      type: 'STREAM',
      topic: 'r',
      keyFormat: 'KAFKA',
      valueFormat: 'JSON',
      fields: [{ name: 'L', schema, type: 'KEY' }],
    };
    expect(entityLines(entity({ '@type': 'sourceDescription', sourceDescription: described }))).toEqual([
      'R: STREAM on topic r (key KAFKA, value JSON)',
      'column  type                      kind',
      '------  ------------------------  ----',
      'L       ARRAY<STRUCT<A INTEGER>>  KEY',
    ]);
  });

  it('show anything else by its fields', () => {
    expect(entityLines(entity({ '@type': 'assert_topic', topicName: 't', exists: true }))).toEqual([
      'topicName: t',
      'exists: true',
    ]);
  });
});
