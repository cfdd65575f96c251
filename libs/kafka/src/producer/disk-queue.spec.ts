import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskQueue } from './disk-queue.js';
import type { OutgoingRecord } from './outgoing-record.js';

const record = (n: number): OutgoingRecord => ({ topic: 't', key: `k${n}`, value: `value ${n}`, timestamp: String(n) });
const numbers = (records: readonly OutgoingRecord[]): number[] => records.map(({ timestamp }) => Number(timestamp));

describe('the queue on disk', () => {
  let folder: string;
  const open = (limitBytes = 1_000_000): DiskQueue => new DiskQueue(folder, limitBytes);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('gives back what it took, in order, in pieces of any size', () => {
    const queue = open();
    for (let n = 0; n < 50; n += 1) queue.append(record(n));
    const taken: number[] = [];
    for (const bytes of [1, 100, 500, 1_000_000]) taken.push(...numbers(queue.take(bytes)));
    expect(taken).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(queue.hasUntaken).toBe(false);
    expect(queue.pendingBytes).toBeGreaterThan(0);
    queue.delivered();
    expect(queue.pendingBytes).toBe(0);
  });

  it('keeps bytes, tombstones, headers and partitions', () => {
    const queue = open();
    const odd: OutgoingRecord = {
      topic: 't',
      key: Buffer.from([0, 255, 10]),
      value: null,
      headers: { a: 'text\n', b: Buffer.from([1, 2]), c: ['x', 'y'] },
      partition: 2,
    };
    queue.append(odd);
    expect(queue.take(10)).toEqual([odd]);
  });

  it('outlives the process: what was not delivered comes again', () => {
    const queue = open();
    for (let n = 0; n < 4; n += 1) queue.append(record(n));
    queue.take(1);
    queue.delivered();
    queue.take(1);
    queue.close();
    expect(numbers(open().take(1_000_000))).toEqual([1, 2, 3]);
  });

  it('drops a line that a crash cut off', () => {
    const queue = open();
    queue.append(record(0));
    queue.close();
    appendFileSync(join(folder, 'records.ndjson'), '{"topic":"t","ke');
    const again = open();
    again.append(record(1));
    expect(numbers(again.take(1_000_000))).toEqual([0, 1]);
  });

  it('keeps to its limit, and has room again after a delivery', () => {
    const queue = open(200);
    let accepted = 0;
    while (queue.append(record(accepted))) accepted += 1;
    expect(accepted).toBeGreaterThan(1);
    expect(queue.append(record(99))).toBe(false);
    queue.take(1_000);
    queue.delivered();
    expect(queue.append(record(99))).toBe(true);
  });

  it('takes older records before all others', () => {
    const queue = open();
    for (let n = 2; n < 5; n += 1) queue.append(record(n));
    queue.take(1);
    queue.delivered();
    queue.prepend([record(0), record(1)]);
    queue.append(record(5));
    expect(numbers(queue.take(1_000_000))).toEqual([0, 1, 3, 4, 5]);
  });
});
