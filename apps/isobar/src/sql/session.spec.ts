import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { readHistory, writeHistory } from './history.js';
import { SqlSession } from './session.js';

describe('a session', () => {
  it('keeps what SET and DEFINE say for the statements after them', () => {
    const session = new SqlSession({ a: '1' });
    expect(session.take("SET 'auto.offset.reset' = 'earliest';")).toBe('auto.offset.reset = earliest');
    session.take("DEFINE name = 'it''s';");
    expect(session.options).toEqual({
      properties: { a: '1', 'auto.offset.reset': 'earliest' },
      variables: { name: "it's" },
    });
    session.take("UNSET 'a';");
    session.take('UNDEFINE name;');
    expect(session.options).toEqual({ properties: { 'auto.offset.reset': 'earliest' }, variables: {} });
    expect(session.take('UNDEFINE name;')).toBe('name was not set');
  });

  it('leaves other statements alone', () => {
    expect(new SqlSession().take('SHOW STREAMS;')).toBeUndefined();
  });
});

describe('the history', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-history-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('comes back newest first, for its owner alone', () => {
    const file = join(folder, 'deep', 'history');
    expect(readHistory(file)).toEqual([]);
    writeHistory(file, ['second', 'first']);
    expect(readHistory(file)).toEqual(['second', 'first']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
