import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../log.js';
import { DiskQueue } from './disk-queue.js';
import type { OutgoingRecord } from './outgoing-record.js';
import { toLines } from './record-lines.js';
import { DatabaseSync } from './sqlite.js';

const record = (n: number, topic = 't'): OutgoingRecord => ({
  topic,
  key: `k${n}`,
  value: `value ${n}`,
  timestamp: String(n),
});
const numbers = (records: readonly OutgoingRecord[] = []): number[] =>
  records.map(({ timestamp }) => Number(timestamp));

describe('the queue on disk', () => {
  let folder: string;
  const queues: DiskQueue[] = [];
  const open = (limitBytes = 1_000_000): DiskQueue => {
    const queue = new DiskQueue(folder, limitBytes, silentLog);
    queues.push(queue);
    return queue;
  };
  const all = (queue: DiskQueue, topic = 't'): number[] => {
    const found: number[] = [];
    while (queue.hasUntaken(topic)) found.push(...numbers(queue.next(topic, 100)?.records));
    return found;
  };
  const file = (): string => join(folder, 'records.db');
  const filled = (): void => {
    const queue = open();
    for (let n = 0; n < 300; n += 1) queue.append('t', [record(n)]);
    queue.close();
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-'));
  });
  afterEach(() => {
    for (const queue of queues.splice(0)) queue.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives back what it took, in order, topic by topic, in pieces of any size', () => {
    const queue = open();
    for (let n = 0; n < 50; n += 1) queue.append(n % 5 === 0 ? 'other' : 't', [record(n)]);
    const taken: number[] = [];
    for (const bytes of [1, 100, 500, 1_000_000]) taken.push(...numbers(queue.next('t', bytes)?.records));
    expect(taken).toEqual(Array.from({ length: 50 }, (_, n) => n).filter((n) => n % 5 !== 0));
    expect(queue.hasUntaken('t')).toBe(false);
    expect(all(queue, 'other')).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45]);
    expect(queue.pendingBytes).toBeGreaterThan(0);
    queue.delivered('t', 1_000);
    queue.delivered('other', 1_000);
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
    queue.append('t', [odd]);
    expect(queue.next('t', 10)?.records).toEqual([odd]);
  });

  it('outlives the process: what was not delivered comes again', () => {
    const queue = open();
    for (let n = 0; n < 4; n += 1) queue.append('t', [record(n)]);
    queue.delivered('t', queue.next('t', 1)?.lastChunk ?? 0);
    queue.next('t', 1);
    queue.close();
    const again = open();
    expect(again.topics()).toEqual(['t']);
    expect(all(again)).toEqual([1, 2, 3]);
  });

  it('keeps to its limit, to the byte, on the disk too, and has room again after a delivery', () => {
    const size = toLines([record(1_000)]).length;
    const queue = open(size * 200);
    for (let n = 0; n < 200; n += 1) expect(queue.append('t', [record(1_000 + n)])).toBeDefined();
    expect(queue.pendingBytes).toBe(size * 200);
    expect(queue.append('t', [{ topic: 't', key: null, value: null }])).toBeUndefined();
    expect(queue.append('o', [record(9_999, 'o')])).toBeUndefined();
    queue.delivered('t', queue.next('t', 1)?.lastChunk ?? 0);
    expect(queue.append('o', [record(9_999, 'o')])).toBeDefined();
    expect(queue.append('o', [record(9_999, 'o')])).toBeUndefined();
    expect(queue.trouble).toBeUndefined();
    const tight = new DiskQueue(join(folder, 'tight'), 2 * size - 1, silentLog);
    queues.push(tight);
    expect(tight.append('t', [record(1_000)])).toBeDefined();
    expect(tight.append('t', [record(1_001)])).toBeUndefined();
  });

  it('takes no more of the disk than its limit and some room for bookkeeping, however much passes through, and gives it back', () => {
    const limit = 2_000_000;
    const queue = open(limit);
    const used = (): number => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    const big = (n: number): OutgoingRecord => ({ ...record(n), value: 'x'.repeat(50_000) });
    let largest = 0;
    for (let n = 0; n < 400; n += 1) {
      if (queue.append('t', [big(n)]) === undefined) queue.delivered('t', queue.next('t', 1)?.lastChunk ?? 0);
      largest = Math.max(largest, used());
    }
    expect(largest).toBeLessThan(limit + 8_000_000);
    while (queue.hasUntaken('t')) queue.next('t', 10_000_000);
    queue.delivered('t', 1_000_000);
    expect(queue.pendingBytes).toBe(0);
    expect(used()).toBeLessThan(1_000_000);
  });

  it('takes over what waited in the files of before', () => {
    const lines = toLines(Array.from({ length: 1_200 }, (_, n) => record(n)));
    const first = toLines([record(0)]).length;
    writeFileSync(join(folder, 'records.ndjson'), lines);
    writeFileSync(join(folder, 'position'), String(first));
    appendFileSync(join(folder, 'records.ndjson'), '{"topic":"t","ke');
    expect(all(open())).toEqual(Array.from({ length: 1_199 }, (_, n) => n + 1));
    expect(readdirSync(folder)).toContain('set-aside-records.ndjson');
    expect(readdirSync(folder)).not.toContain('records.ndjson');
  });

  describe('after a crash or with a file it cannot read', () => {
    it.each<[string, () => void]>([
      ['cut off', () => truncateSync(file(), 5_000)],
      [
        'empty of sense',
        () => writeFileSync(file(), 'no database at all, but longer than a header of one. '.repeat(50)),
      ],
      [
        'damaged inside',
        () => {
          const bytes = readFileSync(file());
          bytes.fill(0x5a, 4_096, bytes.length - 4_096);
          writeFileSync(file(), bytes);
        },
      ],
      [
        'of somebody else',
        () => {
          rmSync(file());
          const other = new DatabaseSync(file());
          other.exec("CREATE TABLE people (name TEXT); INSERT INTO people VALUES ('Ann')");
          other.close();
        },
      ],
      [
        'of a later version',
        () => {
          const later = new DatabaseSync(file());
          later.exec('PRAGMA user_version = 99');
          later.close();
        },
      ],
    ])('puts a file aside that is %s, says so, and goes on', (_what, spoil) => {
      filled();
      spoil();
      const spoiled = readFileSync(file());
      const queue = open();
      expect(queue.setAsideCount).toBe(1);
      expect(queue.trouble).toBeUndefined();
      const aside = readdirSync(folder).find((name) => /^set-aside-.*-records\.db$/.test(name));
      expect(
        readFileSync(join(folder, aside ?? 'nothing'))
          .subarray(4_096)
          .equals(spoiled.subarray(4_096)),
      ).toBe(true);
      expect(queue.append('t', [record(7)])).toBeDefined();
      expect(all(queue)).toEqual([7]);
    });

    it('puts a chunk aside whose bytes changed, and delivers the others', () => {
      filled();
      const database = new DatabaseSync(file());
      database.exec(
        "UPDATE chunk SET records = CAST(replace(CAST(records AS TEXT), 'value 5', 'value 6') AS BLOB) WHERE id = 6",
      );
      database.exec("UPDATE chunk SET records = x'0102' WHERE id = 11");
      database.close();
      const queue = open();
      expect(all(queue)).toEqual(Array.from({ length: 300 }, (_, n) => n).filter((n) => n !== 5 && n !== 10));
      expect(queue.setAsideCount).toBe(2);
      expect(readdirSync(folder)).toEqual(
        expect.arrayContaining(['set-aside-chunk-6.ndjson', 'set-aside-chunk-11.ndjson']),
      );
    });

    it('takes nothing while the folder cannot be made, says why, and begins once it can', () => {
      let nowMs = 0;
      writeFileSync(join(folder, 'blocked'), 'a file');
      const queue = new DiskQueue(join(folder, 'blocked'), 1_000_000, silentLog, () => nowMs);
      queues.push(queue);
      expect(queue.trouble).toContain('blocked');
      expect(queue.append('t', [record(1)])).toBeUndefined();
      rmSync(join(folder, 'blocked'));
      nowMs += 5_000;
      expect(queue.append('t', [record(1)])).toBeDefined();
      expect(queue.trouble).toBeUndefined();
    });

    it('leaves a file alone that another process has', () => {
      const first = open();
      first.append('t', [record(1)]);
      const second = open();
      expect(second.append('t', [record(2)])).toBeUndefined();
      expect(second.trouble).toContain('locked');
      expect(second.setAsideCount).toBe(0);
      expect(all(first)).toEqual([1]);
    });
  });
});
