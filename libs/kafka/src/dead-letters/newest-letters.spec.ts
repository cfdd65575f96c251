import { describe, expect, it } from '@jest/globals';
import type { IncomingRecord } from '../consumer/incoming-record.js';
import { replayedHeader, toDeadLetterRecord } from './dead-letter.js';
import { NewestLetters } from './newest-letters.js';

const error = new Error('not JSON');

function letter(number: number, valueBytes = 10): IncomingRecord {
  const original: IncomingRecord = {
    topic: 'readings',
    partition: 0,
    offset: String(number),
    key: Buffer.from('k'),
    value: Buffer.alloc(valueBytes, 'x'),
    headers: {},
    timestampMs: 1_700_000_000_000,
  };
  const { headers, key, value } = toDeadLetterRecord(original, error, 'test', 1_700_000_000_000);
  return {
    ...original,
    topic: 'dead-letters',
    headers: headers as IncomingRecord['headers'],
    key,
    value,
  } as IncomingRecord;
}
const marker = (number: number): IncomingRecord => ({
  ...letter(number),
  value: null,
  headers: { [replayedHeader]: `readings:0:${number}` },
});
const offsets = (letters: NewestLetters): number[] => letters.all().map(({ offset }) => Number(offset));

describe('the newest dead letters', () => {
  it('are each there once, oldest first, with what became of them', () => {
    const letters = new NewestLetters(10, 1_000_000);
    for (const number of [1, 2, 1, 3]) letters.take(letter(number));
    letters.take(marker(2));
    expect(letters.all().map(({ offset, isReplayed }) => [offset, isReplayed])).toEqual([
      ['1', false],
      ['2', true],
      ['3', false],
    ]);
    expect(letters.hasOlder).toBe(false);
    letters.clear();
    expect(letters.all()).toEqual([]);
  });

  it('are no more than may be kept, and tell that there are older ones', () => {
    const letters = new NewestLetters(3, 1_000_000);
    for (let number = 0; number < 5; number += 1) letters.take(letter(number));
    letters.take(marker(0));
    expect(offsets(letters)).toEqual([2, 3, 4]);
    expect(letters.get('readings:0:0')).toBeUndefined();
    expect(letters.hasOlder).toBe(true);
  });

  it('take no more memory than they may, however large they are', () => {
    const letters = new NewestLetters(10_000, 5_000_000);
    for (let number = 0; number < 200; number += 1) letters.take(letter(number, 1_000_000));
    const kept = letters.all();
    expect(kept.reduce((sum, { value }) => sum + (value?.length ?? 0), 0)).toBeLessThanOrEqual(5_000_000);
    expect(offsets(letters).at(-1)).toBe(199);
    expect(letters.hasOlder).toBe(true);
  });
});
