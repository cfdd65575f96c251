import { describe, expect, it } from '@jest/globals';
import type { BrokerReader } from '../ports/broker.js';
import { FetchedRecords } from '../ports/record-columns.js';
import type { ResultRow } from '../topology/topology.js';
import { TransientQuery, type TransientQueryOptions } from './transient-query.js';

const RECORDS = 9_000;
const BATCH_MAX = 500;
const topic = 'readings';

const records = FetchedRecords.of(
  Array.from({ length: RECORDS }, (_, offset) => {
    return { key: null, value: null, headers: [], timestamp: offset, partition: 0, offset };
  }),
);

/** A topic that is read in one go, and a query that gives so many rows for each of its records. */
function queryOf(rowsPerRecord: number, options: Partial<TransientQueryOptions> = {}) {
  const seen = { pushed: 0 };
  let isRead = false;
  const reader: BrokerReader = {
    poll: () => {
      const part = {
        topic,
        partition: 0,
        records,
        bytes: 1,
        nextOffset: RECORDS,
        endOffset: RECORDS,
        highWatermark: RECORDS,
      };
      const found = isRead ? [] : [part];
      isRead = true;
      return Promise.resolve(found);
    },
    interrupt: () => undefined,
    moveTo: () => undefined,
    close: () => Promise.resolve(),
  };
  const query = new TransientQuery({
    broker: {
      bounds: () => Promise.resolve([{ partition: 0, start: 0, end: RECORDS }]),
      openReader: () => Promise.resolve(reader),
    },
    sources: [{ topic, isTable: false }],
    offsetReset: 'earliest',
    limit: undefined,
    latestMs: () => Infinity,
    isBounded: true,
    hasLambda: false,
    createTopology: (hooks) => ({
      sources: [
        {
          topic,
          sourceName: 'READINGS',
          isTable: false,
          push: (of, from = 0, to = of.length) => {
            seen.pushed += to - from;
            for (let i = from; i < to; i++)
              hooks.onRows(Array.from({ length: rowsPerRecord }, () => rowAt(of.parts.timestamps[i] as number)));
          },
        },
      ],
      stores: [],
      resultStore: undefined,
      hasStreamTime: false,
      rowsOfRecordMax: () => 1,
      snapshot: () => '',
      restoreSnapshot: () => undefined,
    }),
    onLog: () => undefined,
    ...options,
  });
  return { query, seen };
}

const rowAt = (timestamp: number): ResultRow => {
  return { key: null, value: null, timestamp, windowStart: 0, windowEnd: 0, tombstone: false };
};

async function timesOf(query: TransientQuery): Promise<readonly (readonly number[])[]> {
  const batches: number[][] = [];
  for await (const rows of query.rows()) batches.push(rows.map(({ timestamp }) => timestamp));
  return batches;
}

const inOrder = (length: number): readonly number[] => Array.from({ length }, (_, at) => at);

describe('the rows of a query of a client', () => {
  it('come in order, in batches that are small enough to be written in one go', async () => {
    const batches = await timesOf(queryOf(1).query);
    expect(batches.flat()).toEqual(inOrder(RECORDS));
    expect(Math.max(...batches.map(({ length }) => length))).toBe(BATCH_MAX);
  });

  it('are not made before those before them were taken', async () => {
    const { query, seen } = queryOf(3);
    const rows = query.rows();
    await rows.next();
    const pushed = seen.pushed;
    expect(pushed).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(seen.pushed).toBe(pushed);
    await rows.next();
    await rows.return(undefined);
    expect(seen.pushed).toBeLessThan(RECORDS);
  });

  it.each([1, 499, 500, 501, 1_700])('end at a limit of %d', async (limit) => {
    const batches = await timesOf(queryOf(1, { limit }).query);
    expect(batches.flat()).toEqual(inOrder(limit));
  });

  it('end when the query is closed while they are taken', async () => {
    const { query } = queryOf(1, { isBounded: false });
    let count = 0;
    for await (const batch of query.rows()) {
      count += batch.length;
      await query.close();
    }
    expect(count).toBeLessThan(RECORDS);
  });
});
