import { expect, it } from '@jest/globals';
import { writeEntries } from './write-entries.js';

const record = { topic: 'journal', key: 'a', value: 'b' };

it('waits for what the broker takes', async () => {
  await expect(writeEntries({ send: async () => undefined, trouble: undefined }, [record])).resolves.toBeUndefined();
});

it('says why when the broker takes nothing', async () => {
  const producer = { send: () => new Promise<void>(() => undefined), trouble: new Error('KAFKA_STORAGE_ERROR') };
  await expect(writeEntries(producer, [record], 20)).rejects.toThrow(
    'the journal of deployments cannot be written: Kafka has not taken an entry for 0.02 s (KAFKA_STORAGE_ERROR)',
  );
});

it('says why when the producer refuses', async () => {
  const producer = { send: () => Promise.reject(new Error('32 MiB already wait')), trouble: undefined };
  await expect(writeEntries(producer, [record])).rejects.toThrow('cannot be written: 32 MiB already wait');
});
