import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { databaseUrl, loadSecrets, stackHome } from '@isobar/local-stack';
import { status, up } from './isobar.js';

const TOPIC = 'postgres-users';
const RETRY_MS = 50;
const GIVE_UP_MS = 120_000;

/**
 * From the command to the first row out of Kafka with PostgreSQL, Kafka and Connect alone, ms. The home was used before, so that the
 * connector starts by itself. Leaves the parts running.
 */
export async function firstCapturedRow(home: string): Promise<number> {
  const startedMs = performance.now();
  const started = up(home, ['postgres', 'kafka', 'connect']);
  const { kafka, postgres } = await addresses(home);
  const broker = new KafkaBroker({ bootstrap: [kafka], clientId: 'bench' });
  try {
    const bounds = await eventually(() => broker.bounds(TOPIC));
    await eventually(() => touchOneUser(databaseUrl(postgres, loadSecrets(stackHome(home)))));
    const reader = await broker.openReader(
      bounds.map(({ partition, end }) => ({ topic: TOPIC, partition, offset: end })),
    );
    for (;;) {
      const parts = await reader.poll(500);
      if (parts.some(({ records }) => records.length > 0)) break;
      if (performance.now() - startedMs > GIVE_UP_MS) throw new Error('no captured row came');
    }
    const tookMs = performance.now() - startedMs;
    await reader.close();
    await started;
    return tookMs;
  } finally {
    await broker.close();
  }
}

/** Where Kafka and PostgreSQL will be, as soon as the supervisor has said so. */
async function addresses(home: string): Promise<{ kafka: string; postgres: number }> {
  return eventually(async () => {
    const { addresses: known } = await status(home);
    const [kafka, database] = [known['KAFKA_BROKERS'], known['DATABASE_URL']];
    if (kafka === undefined || database === undefined) throw new Error('no addresses yet');
    return { kafka, postgres: Number(new URL(database).port) };
  });
}

async function touchOneUser(url: string): Promise<void> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    await client.query('UPDATE users SET id = id WHERE id = (SELECT min(id) FROM users)');
  } finally {
    await client.end();
  }
}

async function eventually<T>(call: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + GIVE_UP_MS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await delay(RETRY_MS);
    }
  }
}
