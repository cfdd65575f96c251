import { expect } from '@jest/globals';
import { WriterFencedError } from '../../ports/broker.js';
import type { ContractTools, Promises } from './harness.js';
import { holdOpen } from './transactions.js';

/** How long the clusters of the contract keep offsets, and the topics here their records. */
export const RETENTION_MS = 60_000;
/** For so long a client may go by the partitions that a topic had. */
const PARTITIONS_KNOWN_MS = 60_000;
/** A broker looks once a second; some of them are slow. */
const PATIENCE_MS = 30_000;

async function offsetsExpire(tools: ContractTools): Promise<void> {
  const { broker, cluster } = tools;
  const [topic, groupId] = [await tools.topic(2), tools.unique('group')];
  const writer = await broker.openWriter(tools.unique('id'));
  const commit = (partition: number) =>
    writer.commit([], [{ groupId, offsets: [{ topic, partition, offset: 5, metadata: '' }] }]);
  const partitions = async () => (await broker.committedOffsets(groupId, [topic])).map(({ partition }) => partition);
  await commit(0);
  await cluster.wait(RETENTION_MS * 0.6);
  await commit(1);
  expect(await partitions()).toEqual([0, 1]);
  const left = await tools.eventually(partitions, ({ length }) => length < 2, RETENTION_MS * 0.4 + PATIENCE_MS);
  expect(left).toEqual([1]);
}

async function recordsExpire(tools: ContractTools): Promise<void> {
  const { broker, cluster } = tools;
  const [short, long] = [await tools.topic(1, { 'retention.ms': `${RETENTION_MS}` }), await tools.topic()];
  for (const topic of [short, long]) await broker.write([tools.record(topic, 'k', '1'), tools.record(topic, 'k', '2')]);
  await cluster.wait(RETENTION_MS / 2);
  expect(await broker.bounds(short)).toEqual([{ partition: 0, start: 0, end: 2 }]);
  const bounds = await tools.eventually(
    () => broker.bounds(short),
    ([bound]) => bound?.start === 2,
    RETENTION_MS / 2 + PATIENCE_MS,
  );
  expect(bounds).toEqual([{ partition: 0, start: 2, end: 2 }]);
  expect(await broker.bounds(long)).toEqual([{ partition: 0, start: 0, end: 2 }]);
}

async function transactionsEnd(tools: ContractTools): Promise<void> {
  const { broker } = tools;
  const [topic, groupId] = [await tools.topic(), tools.unique('group')];
  const open = await holdOpen(tools, await broker.openWriter(tools.unique('id')), topic, groupId);
  await broker.write([tools.record(topic, 'k', 'behind')]);
  expect((await broker.bounds(topic))[0]?.end).toBe(0);
  const bounds = await tools.eventually(
    () => broker.bounds(topic),
    ([bound]) => bound?.end === 3,
    60_000,
  );
  expect(bounds).toEqual([{ partition: 0, start: 0, end: 3 }]);
  expect(await tools.values(topic)).toEqual(['behind']);
  expect(await broker.committedOffsets(groupId, [topic])).toEqual([]);
  open.goOn();
  const failure = await open.committing.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  // Nobody else writes under the id.
  expect(failure).not.toBeInstanceOf(WriterFencedError);
}

async function addedPartitionsAreWrittenTo(tools: ContractTools): Promise<void> {
  const { broker, cluster } = tools;
  const topic = await tools.topic(1);
  const write = () => broker.write(Array.from({ length: 8 }, (_, n) => tools.record(topic, `key ${n}`, 'v')));
  await write();
  await cluster.addPartitions(topic, 4);
  await cluster.wait(PARTITIONS_KNOWN_MS);
  const bounds = await tools.eventually(
    async () => {
      await write();
      return broker.bounds(topic);
    },
    (found) => found.every(({ end }) => end > 0),
    PATIENCE_MS,
  );
  expect(bounds.map(({ end }) => end > 0)).toEqual([true, true, true, true]);
}

export const timePromises: Promises = (test) => {
  // Beside one another, since each takes a minute where time is real.
  test('takes away old offsets and records, ends transactions that nobody ends, and spreads keys over added partitions', async (tools) => {
    await Promise.all([
      offsetsExpire(tools),
      recordsExpire(tools),
      transactionsEnd(tools),
      addedPartitionsAreWrittenTo(tools),
    ]);
  });
};
