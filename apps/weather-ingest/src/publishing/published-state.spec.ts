import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PublishedState } from './published-state.js';

describe('what was published', () => {
  const folder = mkdtempSync(join(tmpdir(), 'published-'));
  const file = join(folder, 'state.json');
  const make = (): PublishedState<number> => new PublishedState(file, z.number());
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is there after a restart, on the same cluster alone', () => {
    const state = make();
    state.load('one');
    state.set('a', 1);
    state.set('b', 2);
    state.delete('b');
    const again = make();
    again.load('one');
    expect(again.all()).toEqual([['a', 1]]);
    again.load('another');
    expect(again.all()).toEqual([]);
    expect(readdirSync(folder)).toEqual(['state.json']);
  });

  it('loses an entry that cannot be read, and no other', () => {
    const state = make();
    writeFileSync(file, JSON.stringify({ clusterId: 'one', entries: { a: 1, b: 'two', c: 3 } }));
    state.load('one');
    expect(state.all()).toEqual([
      ['a', 1],
      ['c', 3],
    ]);
    for (const text of ['', '{', '[]', '{"clusterId":"one","entries":[1]}']) {
      writeFileSync(file, text);
      state.load('one');
      expect(state.all()).toEqual([]);
    }
  });
});
