import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import { createService, type RunningService } from '@isobar/service-kit';
import type { INestApplication } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { userService } from '../app.module.js';

export const citiesFile = fileURLToPath(new URL('../../../../config/cities.json', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON; an empty object for an empty body. */
  readonly body: unknown;
}

/** This service on a PostgreSQL of its own, and a Kafka where that is asked for. */
export class ServiceOnPostgres {
  private service: RunningService | undefined;

  private constructor(
    readonly stack: TestStack,
    private readonly takesSignals: boolean,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  static async start(
    options: { withKafka?: boolean; takesSignals?: boolean; environment?: Readonly<Record<string, string>> } = {},
  ): Promise<ServiceOnPostgres> {
    const { withKafka = false, takesSignals = withKafka, environment = {} } = options;
    const parts = withKafka ? (['postgres', 'kafka'] as const) : (['postgres'] as const);
    const running = new ServiceOnPostgres(await startTestStack({ parts }), takesSignals, environment);
    await running.startService();
    return running;
  }

  /** Another process of the service on the same database, with settings of its own. */
  static async beside({ stack }: ServiceOnPostgres): Promise<ServiceOnPostgres> {
    const running = new ServiceOnPostgres(stack, false, {});
    await running.startService();
    return running;
  }

  get url(): string {
    return this.service?.url ?? '';
  }

  /** The application, for what has no interface of its own. */
  get app(): INestApplication {
    if (this.service === undefined) throw new Error('the service does not run');
    return this.service.app;
  }

  async startService(): Promise<void> {
    this.service = await createService(userService, {
      PORT: '0',
      LOG_LEVEL: 'silent',
      DATABASE_URL: this.stack.databaseUrl,
      CITIES_FILE: citiesFile,
      ...this.environment,
      ...(this.takesSignals ? { KAFKA_BROKERS: this.stack.kafkaBrokers } : {}),
    });
    await this.ready();
  }

  async ready(): Promise<void> {
    for (let i = 0; (await fetch(`${this.url}/readyz`)).status !== 200; i += 1) {
      if (i > 600) throw new Error('not ready in time');
      await sleep(50);
    }
  }

  async stopService(): Promise<void> {
    await this.service?.stop();
  }

  async stop(): Promise<void> {
    await this.stopService();
    await this.stack.stop();
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  }

  /** A statement of somebody else, past the service. */
  async sql(statement: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.stack.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }
}
