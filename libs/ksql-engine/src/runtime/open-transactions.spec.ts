import { expect, it } from '@jest/globals';
import { FetchedRecords } from '../ports/record-columns.js';
import { OpenTransactions } from './open-transactions.js';

const part = (nextOffset: number, endOffset: number, highWatermark: number, partition = 0) => {
  return { topic: 't', partition, records: new FetchedRecords(), bytes: 0, nextOffset, endOffset, highWatermark };
};

it('says the longest wait behind a transaction that nobody ends, once it is 20 s long', () => {
  const open = new OpenTransactions();
  open.note([part(5, 5, 7, 1)], 1_000);
  open.note([part(5, 5, 9, 1), part(3, 3, 4, 0)], 6_000);
  open.note([part(5, 5, 9, 1), part(3, 3, 4, 0)], 20_999);
  expect(open.longest()).toBeUndefined();
  open.note([part(5, 5, 9, 1), part(3, 3, 4, 0)], 21_000);
  expect(open.longest()).toEqual({ topic: 't', partition: 1, waitedMs: 20_000 });
  open.note([part(5, 5, 9, 1), part(3, 3, 4, 0)], 30_000);
  expect(open.longest()).toEqual({ topic: 't', partition: 1, waitedMs: 29_000 });
});

it.each([
  ['the transaction was ended', part(9, 9, 9)],
  ['the next transaction is open', part(7, 7, 9)],
  ['there is more to read before it', part(5, 7, 9)],
])('says nothing more when %s', (_, next) => {
  const open = new OpenTransactions();
  open.note([part(5, 5, 7)], 0);
  open.note([part(5, 5, 7)], 25_000);
  expect(open.longest()).toBeDefined();
  open.note([next], 26_000);
  expect(open.longest()).toBeUndefined();
});
