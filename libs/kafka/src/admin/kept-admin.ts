import type { Admin } from 'kafkajs';
import { createKafka, type KafkaClientOptions } from '../kafka-client.js';

export type { Admin } from 'kafkajs';

/**
 * One admin client, connected when it is first needed. After a failure the next use starts with a new one: kafkajs goes on asking for
 * every topic it was ever asked about, and one that is gone fails all others.
 */
export class KeptAdmin {
  private current: Promise<Admin> | undefined;

  constructor(private readonly options: KafkaClientOptions) {}

  /** @throws what `work` threw, or why no broker could be reached */
  async use<Result>(work: (admin: Admin) => Promise<Result>): Promise<Result> {
    this.current ??= this.connect();
    const used = this.current;
    try {
      return await work(await used);
    } catch (error) {
      if (this.current === used) this.current = undefined;
      void used.then((admin) => admin.disconnect()).catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const { current } = this;
    this.current = undefined;
    await current?.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  private async connect(): Promise<Admin> {
    // Who asks comes again soon; a broker that is away is said at once rather than after many attempts.
    const admin = createKafka({ ...this.options, retry: { ...this.options.retry, retries: 2 } }).admin();
    await admin.connect();
    return admin;
  }
}
