import { describe, expect, it } from '@jest/globals';
import { reasonToDiscard } from './usable-progress.js';

const DAY_MS = 86_400_000;
const progress = (offset: number, writtenAtMs = 0) => {
  return { stores: { s: { topicId: 't', offset, observedMs: 0, sequence: 0 } }, writtenAtMs };
};
const facts = (start: number, end: number, topicId: string | undefined = 't') =>
  new Map([['s', { topicId, start, end }]]);

describe('state that was stored', () => {
  it('is of use as long as its changelog has all that came after it', () => {
    expect(reasonToDiscard(progress(5), facts(0, 9), 1_000)).toBeUndefined();
    expect(reasonToDiscard(progress(5), facts(5, 5), 1_000)).toBeUndefined();
    expect(reasonToDiscard(progress(5), new Map([['s', { topicId: undefined, start: 0, end: 9 }]]), 0)).toBeUndefined();
  });

  it.each([
    ['is behind the first record of its changelog', progress(5), facts(6, 9), 'begins at offset 6'],
    ['is ahead of its changelog', progress(5), facts(0, 4), 'ahead of the changelog'],
    ['belongs to another changelog', progress(5), facts(0, 9, 'u'), 'made again'],
    ['does not have all stores', { stores: {}, writtenAtMs: 0 }, facts(0, 9), 'does not have the store s'],
  ])('is of none when it %s', (_, stored, changelogs, reason) => {
    expect(reasonToDiscard(stored, changelogs, 1_000)).toContain(reason);
  });

  it('is of none when deletions may have been compacted away, unless nothing has changed since', () => {
    expect(reasonToDiscard(progress(5), facts(0, 9), DAY_MS)).toContain('deletions');
    expect(reasonToDiscard(progress(5), facts(0, 5), 90 * DAY_MS)).toBeUndefined();
  });
});
