import { describe, expect, it } from '@jest/globals';
import type { WriteBatch, WriteRecord } from '../ports/broker.js';
import { RecordColumns } from '../ports/record-columns.js';
import type { CommitTap } from './commit-watch.js';
import { ResultTap } from './result-tap.js';

const record = (key: string | null, value: string): WriteRecord => ({
  topic: 'OUT',
  key: key === null ? null : Buffer.from(key),
  value: Buffer.from(value),
  timestamp: 7,
  headers: [],
});

/** A query whose results a test commits. */
class Results {
  readonly listeners = new Set<CommitTap>();
  readonly tap = (tap: CommitTap) => {
    this.listeners.add(tap);
    return () => this.listeners.delete(tap);
  };
  commit(...records: WriteBatch): void {
    for (const listener of this.listeners) listener.onCommitted(records);
  }
}

async function texts(tap: ResultTap, maxWaitMs = 1_000): Promise<readonly string[]> {
  const parts = await tap.poll(maxWaitMs);
  return parts.flatMap((part) =>
    Array.from(part.records, ({ offset, value }) => `${offset} ${Buffer.from(value ?? []).toString()}`),
  );
}

describe('a tap of the results of a query', () => {
  it('gives what was committed since the last poll, in order', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, true);
    results.commit(record('a', '1'), record('b', '2'));
    results.commit(record('a', '3'));
    expect(await texts(tap)).toEqual(['0 1', '1 2', '2 3']);
    const next = texts(tap);
    results.commit({ topic: 'OUT', records: RecordColumns.of([record('b', '4'), record('c', '5')]) });
    expect(await next).toEqual(['3 4', '4 5']);
  });

  it('gives nothing after a while without results', async () => {
    const tap = new ResultTap('OUT', new Results().tap, true);
    expect(await texts(tap, 1)).toEqual([]);
  });

  it('leaves out records without a key where rows have one', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, false);
    results.commit(record(null, '1'), record('a', '2'));
    expect(await texts(tap)).toEqual(['0 2']);
  });

  it('ends for a client that takes nothing, instead of filling the memory', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, true);
    const many = Array.from({ length: 60_000 }, () => record('a', '1'));
    results.commit(...many);
    results.commit(...many);
    expect(results.listeners.size).toBe(0);
    await expect(tap.poll(1)).rejects.toThrow('reads more slowly than they come');
  });

  it('ends for one to which too many bytes came, too', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, true);
    const large = record('a', 'x'.repeat(1024 * 1024));
    for (let i = 0; i < 63; i++) results.commit(large);
    expect(results.listeners.size).toBe(1);
    results.commit(large, large);
    expect(results.listeners.size).toBe(0);
    await expect(tap.poll(1)).rejects.toThrow('More than 100000 rows or 64 MiB were waiting');
  });

  it('says why, where the query has not ended', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, true);
    for (const listener of results.listeners) listener.onEnd('its thread has died');
    await expect(tap.poll(60_000)).rejects.toThrow('its thread has died');
  });

  it('gives what was committed before the query ended, then says so', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, true);
    results.commit(record('a', '1'));
    for (const listener of results.listeners) listener.onEnd();
    expect(await texts(tap)).toEqual(['0 1']);
    await expect(tap.poll(60_000)).rejects.toThrow('has ended');
  });

  it('hears of nothing once it is closed, and a poll under way ends', async () => {
    const results = new Results();
    const tap = new ResultTap('OUT', results.tap, true);
    const waiting = texts(tap, 60_000);
    await tap.close();
    expect(await waiting).toEqual([]);
    expect(results.listeners.size).toBe(0);
  });
});
