import { describe, expect, it } from '@jest/globals';
import { PartitionWriter, type SendRecords } from './partition-writer.js';
import { nextSequence } from './sequence.js';

const answer = (type: string): Error => Object.assign(new Error(type), { type });
const sequenceMax = 2 ** 31 - 1;

/** The leader of a partition: takes batches, refuses those that hold a bad number, and fails as it is told. */
class Leader {
  readonly requests: string[] = [];
  readonly taken: number[] = [];
  readonly refused: string[] = [];
  readonly delivered: number[] = [];
  identities = 0;
  /** What the next requests are answered with; undefined: as usual. */
  readonly failures: (Error | undefined)[] = [];

  constructor(private readonly bad: ReadonlySet<number> = new Set()) {}

  readonly initProducerId = async () => {
    this.identities += 1;
    return { producerId: `p${this.identities}`, producerEpoch: 0 };
  };

  readonly send: SendRecords<number> = async ({ producerId, producerEpoch, firstSequence }, items) => {
    this.requests.push(`${producerId}/${producerEpoch} ${firstSequence}: ${items.join(' ')}`);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    if (items.some((item) => this.bad.has(item))) throw answer('INVALID_RECORD');
    this.taken.push(...items);
  };

  drain(writer: PartitionWriter<number>): Promise<void> {
    return writer.drain(this.initProducerId as never, this.send, {
      delivered: (items) => this.delivered.push(...items),
      refused: (item, error) => this.refused.push(`${item}: ${error.message}`),
    });
  }
}

const writerOf = (...batches: readonly (readonly number[])[]): PartitionWriter<number> => {
  const writer = new PartitionWriter<number>(true);
  for (const batch of batches) writer.add(batch);
  return writer;
};

describe('what is under way to a partition', () => {
  it('goes batch after batch under one identity, its records numbered on', async () => {
    const leader = new Leader();
    const writer = writerOf([1, 2, 3], [4]);
    expect(writer.hasMore).toBe(true);
    await leader.drain(writer);
    writer.add([5, 6]);
    await leader.drain(writer);
    expect(leader.requests).toEqual(['p1/0 0: 1 2 3', 'p1/0 3: 4', 'p1/0 4: 5 6']);
    expect(leader.delivered).toEqual([1, 2, 3, 4, 5, 6]);
    expect(writer.hasMore).toBe(false);
  });

  it('has no identity and no numbers where it need not be sent exactly once', async () => {
    const leader = new Leader();
    const writer = new PartitionWriter<number>(false);
    writer.add([1, 2]);
    writer.add([3]);
    await leader.drain(writer);
    expect(leader.requests).toEqual(['-1/0 0: 1 2', '-1/0 0: 3']);
    expect(leader.identities).toBe(0);
  });

  it('can be taken back, in order, and is then no more', async () => {
    const writer = writerOf([1, 2], [3]);
    expect(writer.withdraw()).toEqual([1, 2, 3]);
    expect(writer.hasMore).toBe(false);
    const leader = new Leader();
    await leader.drain(writer);
    expect(leader.requests).toEqual([]);
  });
});

describe('a batch whose fate is unknown', () => {
  it('is sent again unchanged, under the same numbers', async () => {
    const leader = new Leader();
    leader.failures.push(answer('REQUEST_TIMED_OUT'));
    const writer = writerOf([1, 2], [3]);
    await expect(leader.drain(writer)).rejects.toThrow('REQUEST_TIMED_OUT');
    expect([leader.delivered, writer.hasMore]).toEqual([[], true]);
    await leader.drain(writer);
    expect(leader.requests).toEqual(['p1/0 0: 1 2', 'p1/0 0: 1 2', 'p1/0 2: 3']);
    expect(leader.taken).toEqual([1, 2, 3]);
  });

  it('counts as delivered when the broker has it already', async () => {
    const leader = new Leader();
    leader.failures.push(answer('DUPLICATE_SEQUENCE_NUMBER'));
    await leader.drain(writerOf([1, 2], [3]));
    expect(leader.requests).toEqual(['p1/0 0: 1 2', 'p1/0 2: 3']);
    expect(leader.delivered).toEqual([1, 2, 3]);
  });

  it.each(['UNKNOWN_PRODUCER_ID', 'OUT_OF_ORDER_SEQUENCE_NUMBER', 'INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'])(
    'goes under a new identity, numbered from 0, when the broker knows nothing of the old: %s',
    async (type) => {
      const leader = new Leader();
      leader.failures.push(undefined, answer(type));
      const writer = writerOf([1, 2], [3]);
      await expect(leader.drain(writer)).rejects.toThrow(type);
      await leader.drain(writer);
      expect(leader.requests).toEqual(['p1/0 0: 1 2', 'p1/0 2: 3', 'p2/0 0: 3']);
    },
  );

  it('stays when no identity can be had', async () => {
    const writer = writerOf([1]);
    const failed = writer.drain(
      () => Promise.reject(new Error('no coordinator')),
      () => Promise.reject(new Error('not to be sent')),
      { delivered: () => undefined, refused: () => undefined },
    );
    await expect(failed).rejects.toThrow('no coordinator');
    expect(writer.withdraw()).toEqual([1]);
  });
});

describe('a batch that the broker refuses', () => {
  const items = Array.from({ length: 9 }, (_, n) => n);

  it.each(items.map((bad) => [bad]))('loses record %i alone; the others arrive once, in order', async (bad) => {
    const leader = new Leader(new Set([bad]));
    await leader.drain(writerOf(items, [9, 10]));
    expect(leader.refused).toEqual([`${bad}: INVALID_RECORD`]);
    const good = [...items.filter((item) => item !== bad), 9, 10];
    expect([leader.taken, leader.delivered]).toEqual([good, good]);
    // Numbers go on without a gap, or the broker would refuse what comes next.
    expect(leader.requests.at(-1)).toBe('p1/0 8: 9 10');
  });

  it('is halved until each bad record stands alone', async () => {
    const leader = new Leader(new Set([1, 2]));
    await leader.drain(writerOf([0, 1, 2, 3, 4]));
    expect(leader.requests.map((request) => request.split(': ')[1])).toEqual([
      '0 1 2 3 4',
      '0 1 2',
      '0 1',
      '0',
      '1',
      '2',
      '3 4',
    ]);
    expect(leader.refused).toEqual(['1: INVALID_RECORD', '2: INVALID_RECORD']);
  });

  it('tells the reason as an error, whatever was thrown', async () => {
    const refused: Error[] = [];
    await writerOf([7]).drain(
      new Leader().initProducerId as never,
      () => Promise.reject({ type: 'MESSAGE_TOO_LARGE', toString: () => 'too large' }),
      { delivered: () => undefined, refused: (_, error) => refused.push(error) },
    );
    expect(refused).toEqual([new Error('too large')]);
  });
});

describe('the numbers of a producer', () => {
  it('begin again at 0 behind the largest of 32 bits', () => {
    expect(nextSequence(0, 5)).toBe(5);
    expect(nextSequence(sequenceMax - 5, 5)).toBe(sequenceMax);
    expect(nextSequence(sequenceMax - 5, 6)).toBe(0);
    expect(nextSequence(sequenceMax, 1)).toBe(0);
    expect(nextSequence(sequenceMax - 1, 4)).toBe(2);
  });
});
