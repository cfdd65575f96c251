import type { Admin } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';

/** Does `work` with a connected admin client. Tries until a broker answers or `signal` says to stop. */
export async function withAdmin<Result>(
  options: KafkaClientOptions,
  work: (admin: Admin) => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  const admin = createKafka(options).admin();
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      if (attempt === 1 || attempt % 10 === 0)
        options.log.warn({ err: error, attempt, brokers: options.brokers }, 'cannot look at the topics; trying again');
      await sleep(Math.min(100 * attempt, 2_000), undefined, signal === undefined ? {} : { signal });
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}
