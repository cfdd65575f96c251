import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CacheFiles } from './cache-files.js';
import { AnswerStore } from './nws/answer-store.js';
import { RequestBudget } from './nws/request-budget.js';
import { PublishedState } from './publishing/published-state.js';

/** Whatever is written to `/dev/full` finds no room; each file is written under this name first. */
const fill = (file: string): void => symlinkSync('/dev/full', `${file}.${process.pid}.new`);
const makeRoom = (file: string): void => rmSync(`${file}.${process.pid}.new`, { force: true });

describe('a full disk costs no weather', () => {
  let folder = '';
  let files: CacheFiles;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-full-'));
    files = new CacheFiles();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each<[string, (file: string) => () => unknown, RegExp]>([
    [
      'the requests of the day are counted',
      (file) => {
        const budget = new RequestBudget(100, file, files);
        return () => budget.take(1_700_000_000_000);
      },
      /"count":2/,
    ],
    [
      'what was published is remembered',
      (file) => {
        const state = new PublishedState(file, z.number(), files);
        state.load('cluster');
        let count = 0;
        return () => {
          state.set('miami-fl', ++count);
          expect(state.get('miami-fl')).toBe(count);
        };
      },
      /"miami-fl":2/,
    ],
  ])('%s, and written when there is room again', (_what, make, written) => {
    const file = join(folder, 'file.json');
    const work = make(file);
    fill(file);
    work();
    expect(files.trouble).toBe(`no room on the disk of ${folder}`);
    makeRoom(file);
    work();
    expect(files.trouble).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toMatch(written);
  });

  it('answers are used, although none is kept for the next start', async () => {
    const answer = { body: { a: 1 }, checkedAtMs: 1, expiresAtMs: 2 };
    // A folder that is no folder: whatever keeps a file from being written is told.
    const store = new AnswerStore('/dev/full/answers', files);
    await store.set('http://a/b', answer);
    expect(await store.get('http://a/b')).toEqual(answer);
    expect(files.trouble).toContain('/dev/full');
    await new AnswerStore(folder, files).set('http://a/b', answer);
    expect(files.trouble).toBeUndefined();
    expect(await new AnswerStore(folder, files).get('http://a/b')).toEqual(answer);
  });
});
