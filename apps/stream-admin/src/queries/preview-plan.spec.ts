import { describe, expect, it } from '@jest/globals';
import type { KafkaClientOptions } from '@isobar/kafka';
import { PreviewPlan, RowsToPreview } from './preview-plan.js';
import type { Plans } from './plans.js';

const record = (value: string, timestampMs: number) => ({
  ...{ topic: 't', partition: 2, key: null, timestampMs },
  value: Buffer.from(value),
});

describe('RowsToPreview', () => {
  it('takes rows of the window, and of a table all, until there is no more room', () => {
    const rows = new RowsToPreview(100, { records: 3, bytes: 10 });
    rows.add(record('old', 99), false);
    rows.add(record('old', 99), true);
    rows.add(record('too long for it', 100), false);
    rows.add(record('new', 100), false);
    rows.add(record('new', 101), false);
    rows.add(record('', 102), false);
    expect(rows.records.map(({ value, timestamp, partition }) => [String(value), timestamp, partition])).toEqual([
      ['old', 99, 2],
      ['new', 100, 2],
      ['new', 101, 2],
    ]);
    expect(rows.left).toBe(2);
  });

  it('keeps none of the bytes that came with a row', () => {
    const rows = new RowsToPreview(0);
    const fetched = Buffer.alloc(1_000_000);
    rows.add({ ...record('', 1), value: fetched.subarray(0, 3) }, false);
    expect(rows.records[0]?.value?.buffer.byteLength).toBeLessThan(fetched.length);
  });
});

describe('PreviewPlan', () => {
  it('leaves out what is right only with another change of the same files, and says why', async () => {
    const statement =
      "CREATE STREAM READINGS (ID VARCHAR KEY, X INT) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON');";
    const runs = 'CREATE STREAM V AS SELECT ID, X FROM READINGS EMIT CHANGES;';
    const running = { kind: 'STREAM', otherWriters: [] };
    const world = {
      objects: new Map([
        ['READINGS', { ...running, name: 'READINGS', topic: 'readings', statement, hasQuery: false }],
        ['V', { ...running, name: 'V', topic: 'V', statement: runs, hasQuery: true }],
      ]),
      topics: undefined,
      journal: undefined,
    };
    const item = { name: 'V', verdict: 'side by side', reason: null, wants: runs.replace('READINGS', 'OTHERS') };
    const plans = { makeWithObjects: () => Promise.resolve({ plan: { id: 'p', items: [item] }, world }) };
    const preview = new PreviewPlan({} as KafkaClientOptions, plans as unknown as Plans);
    expect(await preview.run(1_000)).toMatchObject({
      objects: [],
      skipped: [{ name: 'V', because: expect.stringMatching(/not right on what runs now: .*OTHERS does not exist/) }],
    });
  });
});
