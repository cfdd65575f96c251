import { expect } from '@jest/globals';
import { RecordsRefusedError, type RefusedRecord } from '../../ports/broker.js';
import { RecordColumns } from '../../ports/record-columns.js';
import { textOf, type Promises } from './harness.js';

export const refusalPromises: Promises = (test) => {
  test('refused records alone are left out, and what is given in their place is written', async (tools) => {
    const { broker } = tools;
    const [topic, id] = [await tools.topic(), tools.unique('id')];
    const writer = await broker.openWriter(id);
    const told: RefusedRecord[] = [];
    const bad = RecordColumns.of([
      tools.record(topic, 'k', 'b'),
      tools.spoilt(topic, 'c'),
      tools.record(topic, 'k', 'd'),
    ]);
    await writer.commit(
      [tools.record(topic, 'k', 'a'), { topic, records: bad }, tools.spoilt(topic, 'e')],
      [],
      (refused) => {
        told.push(...refused);
        return Promise.resolve([tools.record(topic, 'k', 'letter')]);
      },
    );
    await writer.commit([tools.record(topic, 'k', 'after')], []);
    await (await broker.openWriter(id)).close();
    expect(await tools.values(topic)).toEqual(['a', 'b', 'd', 'letter', 'after']);
    expect(told.map(({ entry, value, partition }) => [entry, textOf(value), partition])).toEqual([
      [1, 'c', 0],
      [2, 'e', 0],
    ]);
    for (const { reason } of told) expect(reason).toMatch(/^INVALID_TIMESTAMP/);
  });

  test('a commit of which nothing is taken goes well, whatever the reason', async (tools) => {
    const { broker } = tools;
    const id = tools.unique('id');
    const writer = await broker.openWriter(id);
    const topic = await tools.topic(1, { 'cleanup.policy': 'compact', 'max.message.bytes': '20000' });
    const large = (bytes: number) => ({ ...tools.record(topic, 'k', ''), value: Buffer.alloc(bytes) });
    for (const [record, reason] of [
      [tools.spoilt(topic, 'late'), /^INVALID_TIMESTAMP/],
      [tools.record(topic, null, 'keyless'), /^INVALID_RECORD/],
      [large(30_000), /^MESSAGE_TOO_LARGE/],
      [large(3_000_000), /^MESSAGE_TOO_LARGE/],
    ] as const) {
      const reasons: string[] = [];
      await writer.commit([record], [], (refused) => {
        reasons.push(...refused.map((each) => each.reason));
        return Promise.resolve([]);
      });
      expect(reasons).toEqual([expect.stringMatching(reason)]);
    }
    await writer.commit([tools.record(topic, 'k', 'good')], []);
    await (await broker.openWriter(id)).close();
    expect(await tools.values(topic)).toEqual(['good']);
  });

  test('a topic takes times as far ahead as it says', async (tools) => {
    const topic = await tools.topic(1, { 'message.timestamp.after.max.ms': '9223372036854775807' });
    await tools.broker.write([tools.spoilt(topic, 'far')]);
    expect(await tools.values(topic)).toEqual(['far']);
  });

  test('says which record is refused where nobody else is told', async (tools) => {
    const topic = await tools.topic(2);
    const writer = await tools.broker.openWriter(tools.unique('id'));
    const commit = writer.commit([tools.record(topic, 'k', 'good', 1), tools.spoilt(topic, 'bad')], []);
    await expect(commit).rejects.toThrow(RecordsRefusedError);
    await expect(tools.broker.write([tools.spoilt(topic, 'bad')])).rejects.toThrow(
      `Topic ${topic} does not take a record: INVALID_TIMESTAMP: Timestamp`,
    );
  });
};
