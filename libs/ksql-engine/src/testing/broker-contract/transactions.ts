import { expect } from '@jest/globals';
import { WriterFencedError, type TransactionalWriter, type WriteBatch } from '../../ports/broker.js';
import { RecordColumns } from '../../ports/record-columns.js';
import { textOf, type ContractTools, type Promises } from './harness.js';

/** A transaction that stays open: of two records one is refused, and nobody says yet what is written in its place. */
export async function holdOpen(tools: ContractTools, writer: TransactionalWriter, topic: string, groupId = 'nobody') {
  const told = Promise.withResolvers<undefined>();
  const answer = Promise.withResolvers<WriteBatch>();
  const offsets = groupId === 'nobody' ? [] : [{ topic, partition: 0, offset: 9, metadata: 'open' }];
  const committing = writer.commit(
    [tools.record(topic, 'k', 'open', 0), tools.spoilt(topic, 'bad')],
    [{ groupId, offsets }],
    () => {
      told.resolve(undefined);
      return answer.promise;
    },
  );
  committing.catch(() => undefined);
  await told.promise;
  return { committing, goOn: () => answer.resolve([]), fail: () => answer.reject(new Error('no letters')) };
}

export const transactionPromises: Promises = (test) => {
  test('shows a transaction as a whole: records and offsets, in many partitions', async (tools) => {
    const { broker } = tools;
    const [topic, input, groupId] = [await tools.topic(3), await tools.topic(2), tools.unique('group')];
    const writer = await broker.openWriter(tools.unique('id'));
    const consumed = (offset: number, metadata: string) => [
      {
        groupId,
        offsets: [0, 1].map((partition) => ({ topic: input, partition, offset: offset + partition, metadata })),
      },
    ];
    await writer.commit(
      [0, 1, 2].map((n) => tools.record(topic, 'k', `${n}`, n)),
      consumed(7, 'note'),
    );
    await writer.commit([tools.record(topic, 'k', '3', 0)], consumed(8, 'later'));
    await writer.close();
    await broker.openWriter(tools.unique('other'));
    const values = await tools.eventually(
      () => tools.values(topic),
      ({ length }) => length === 4,
    );
    expect([...values].sort()).toEqual(['0', '1', '2', '3']);
    expect(await broker.committedOffsets(groupId, [input])).toEqual([
      { topic: input, partition: 0, offset: 8, metadata: 'later' },
      { topic: input, partition: 1, offset: 9, metadata: 'later' },
    ]);
  });

  test('picks the partition of a windowed key by the key alone', async (tools) => {
    const { broker } = tools;
    const topic = await tools.topic(4);
    const window = (start: number) => Buffer.from([0, 0, 0, 0, 0, 0, 0, start]);
    const keyed = (start: number) => ({
      ...tools.record(topic, '', 'v'),
      key: Buffer.concat([Buffer.from('foobar'), window(start)]),
    });
    const writer = await broker.openWriter(tools.unique('id'));
    await writer.commit([{ topic, records: RecordColumns.of([1, 2, 3, 4, 5].map(keyed)), windowBytes: 8 }], []);
    const found = await tools.eventually(
      () => tools.readAll(topic),
      ({ length }) => length === 5,
    );
    // Kafka's own vector: murmur2("foobar") = -790332482.
    const partition = (-790332482 & 0x7fffffff) % 4;
    expect(found.map((record) => record.partition)).toEqual([1, 2, 3, 4, 5].map(() => partition));
    expect(found.map(({ key }) => key?.at(-1))).toEqual([1, 2, 3, 4, 5]);
    await writer.close();
  });

  test('all is visible once the next writer of the id is open', async (tools) => {
    const { broker } = tools;
    const [topic, groupId, id] = [await tools.topic(5), tools.unique('group'), tools.unique('id')];
    const offsets = [{ topic, partition: 4, offset: 3, metadata: '' }];
    for (let round = 1; round <= 5; round++) {
      const writer = await broker.openWriter(id);
      await writer.commit(
        [0, 1, 2, 3, 4].map((n) => tools.record(topic, 'k', `${round}`, n)),
        [{ groupId, offsets }],
      );
      await writer.close();
      await (await broker.openWriter(id)).close();
      expect(await tools.values(topic)).toHaveLength(5 * round);
      expect(await broker.committedOffsets(groupId, [topic])).toEqual(offsets);
    }
  });

  test('positions move past markers and what was aborted, and the end tells of open transactions', async (tools) => {
    const { broker } = tools;
    const [topic, id] = [await tools.topic(), tools.unique('id')];
    await broker.write([tools.record(topic, 'k', 'before')]);
    const open = await holdOpen(tools, await broker.openWriter(id), topic);
    await broker.write([tools.record(topic, 'k', 'behind')]);
    const reader = await broker.openReader([{ topic, partition: 0, offset: 0 }]);
    const parts = await tools.eventually(
      () => reader.poll(500),
      (found) => found.some(({ records }) => records.length > 0),
    );
    expect(parts).toMatchObject([{ nextOffset: 1, endOffset: 1, highWatermark: 3 }]);
    expect(await broker.bounds(topic)).toEqual([{ partition: 0, start: 0, end: 1 }]);
    await broker.openWriter(id);
    const seen: string[] = [];
    let nextOffset = 0;
    while (nextOffset < 4) {
      for (const part of await reader.poll(500)) {
        seen.push(...Array.from(part.records, ({ value, offset }) => `${offset} ${textOf(value)}`));
        nextOffset = part.nextOffset;
      }
    }
    expect(seen).toEqual(['2 behind']);
    expect(await broker.bounds(topic)).toEqual([{ partition: 0, start: 0, end: 4 }]);
    open.goOn();
    await expect(open.committing).rejects.toThrow(WriterFencedError);
    await reader.close();
  });

  test('a newer writer of the id aborts what the older left open, and fences it', async (tools) => {
    const { broker, cluster } = tools;
    const [topic, groupId, id] = [await tools.topic(2), tools.unique('group'), tools.unique('id')];
    const old = await broker.openWriter(id);
    const before = [{ topic, partition: 0, offset: 1, metadata: 'before' }];
    await old.commit([tools.record(topic, 'k', 'old', 1)], [{ groupId, offsets: before }]);
    const open = await holdOpen(tools, old, topic, groupId);
    const fresh = await cluster.connect().openWriter(id);
    expect(await broker.committedOffsets(groupId, [topic])).toEqual(before);
    await fresh.commit([tools.record(topic, 'k', 'new', 1)], []);
    open.goOn();
    await expect(open.committing).rejects.toThrow(WriterFencedError);
    await fresh.commit([tools.record(topic, 'k', 'newer', 1)], []);
    await (await broker.openWriter(id)).close();
    expect(await tools.values(topic)).toEqual(['old', 'new', 'newer']);
  });

  test('a writer that was idle is fenced too', async (tools) => {
    const { broker } = tools;
    const [topic, id] = [await tools.topic(), tools.unique('id')];
    const old = await broker.openWriter(id);
    await old.commit([tools.record(topic, 'k', 'old')], []);
    const fresh = await broker.openWriter(id);
    await expect(old.commit([tools.record(topic, 'k', 'ghost')], [])).rejects.toThrow(WriterFencedError);
    const offsets = [{ topic, partition: 0, offset: 5, metadata: '' }];
    await expect(old.commit([], [{ groupId: 'g', offsets }])).rejects.toThrow(WriterFencedError);
    await fresh.commit([tools.record(topic, 'k', 'new')], []);
    await (await broker.openWriter(id)).close();
    expect(await tools.values(topic)).toEqual(['old', 'new']);
    expect(await broker.committedOffsets('g', [topic])).toEqual([]);
  });

  test('writers of two ids do not fence one another', async (tools) => {
    const { broker } = tools;
    const topic = await tools.topic();
    const [a, b] = [await broker.openWriter(tools.unique('a')), await broker.openWriter(tools.unique('b'))];
    await a.commit([tools.record(topic, 'k', 'a')], []);
    await b.commit([tools.record(topic, 'k', 'b')], []);
    await a.commit([tools.record(topic, 'k', 'c')], []);
    const values = await tools.eventually(
      () => tools.values(topic),
      ({ length }) => length === 3,
    );
    expect(values).toEqual(['a', 'b', 'c']);
  });

  test('offsets are waited for while it is undecided what they are', async (tools) => {
    const { broker, cluster } = tools;
    const [topic, groupId] = [await tools.topic(), tools.unique('group')];
    const open = await holdOpen(tools, await broker.openWriter(tools.unique('id')), topic, groupId);
    let isTold = false;
    const reading = broker.committedOffsets(groupId, [topic]).finally(() => {
      isTold = true;
    });
    await cluster.wait(300);
    expect(isTold).toBe(false);
    open.goOn();
    await open.committing;
    expect(await reading).toEqual([{ topic, partition: 0, offset: 9, metadata: 'open' }]);
  });

  test('a failed commit leaves nothing visible, and its writer writes no more', async (tools) => {
    const { broker } = tools;
    const [topic, groupId, id] = [await tools.topic(), tools.unique('group'), tools.unique('id')];
    const writer = await broker.openWriter(id);
    const open = await holdOpen(tools, writer, topic, groupId);
    open.fail();
    await expect(open.committing).rejects.toThrow('no letters');
    await expect(writer.commit([tools.record(topic, 'k', 'more')], [])).rejects.toThrow();
    const next = await broker.openWriter(id);
    await next.commit([tools.record(topic, 'k', 'next')], []);
    await (await broker.openWriter(id)).close();
    expect(await tools.values(topic)).toEqual(['next']);
    expect(await broker.committedOffsets(groupId, [topic])).toEqual([]);
  });

  test('a commit of nothing is none', async (tools) => {
    const writer = await tools.broker.openWriter(tools.unique('id'));
    await writer.commit([], []);
    await writer.commit([], [{ groupId: 'g', offsets: [] }]);
    await writer.close();
  });

  test('forgets the offsets of a group that is deleted, and of a topic that is', async (tools) => {
    const { broker } = tools;
    const [kept, gone, groupId] = [await tools.topic(), await tools.topic(), tools.unique('group')];
    const id = tools.unique('id');
    const writer = await broker.openWriter(id);
    const offsets = [kept, gone].map((topic) => ({ topic, partition: 0, offset: 4, metadata: '' }));
    await writer.commit([], [{ groupId, offsets }]);
    await (await broker.openWriter(id)).close();
    expect(await broker.committedOffsets(groupId, [kept, gone])).toEqual(offsets);
    await broker.deleteTopics([gone]);
    await broker.createTopics([{ topic: gone, partitions: 1, replicas: 1, config: {} }]);
    const left = await tools.eventually(
      () => broker.committedOffsets(groupId, [kept, gone]),
      ({ length }) => length === 1,
    );
    expect(left).toEqual(offsets.slice(0, 1));
    await broker.deleteGroup(groupId);
    expect(await broker.committedOffsets(groupId, [kept])).toEqual([]);
    await broker.deleteGroup(tools.unique('never-there'));
  });
};
