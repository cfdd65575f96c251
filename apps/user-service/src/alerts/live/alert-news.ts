import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { alertsChannel } from '../keeping/news.js';

/** Hears from PostgreSQL whose alerts changed, whichever replica changed them. Reconnects until it is stopped. */
export class AlertNews {
  private readonly stopping = new AbortController();
  private client: pg.Client | undefined;

  /**
   * @param onNews told the id of the person, or undefined when news may have been missed
   */
  constructor(
    private readonly databaseUrl: string,
    private readonly log: Logger,
    private readonly onNews: (userId: number | undefined) => void,
  ) {}

  async run(): Promise<void> {
    const { signal } = this.stopping;
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.listen(() => {
          failures = 0;
        });
      } catch (error) {
        failures += 1;
        if (!signal.aborted && failures % 20 === 1) this.log.warn({ err: error }, 'no news of alerts; listening again');
      }
      await sleep(Math.min(200 * failures, 2_000), undefined, { signal }).catch(() => undefined);
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.client?.end().catch(() => undefined);
  }

  /** Ends with the connection. */
  private async listen(onConnected: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.databaseUrl,
      application_name: 'user-service alerts',
      keepAlive: true,
      connectionTimeoutMillis: 3_000,
    });
    this.client = client;
    const ended = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.onNews(Number(payload)));
    try {
      await client.connect();
      await client.query(`LISTEN ${alertsChannel}`);
      onConnected();
      this.onNews(undefined);
      if (!this.stopping.signal.aborted) await ended;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
