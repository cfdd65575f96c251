import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from '../src/testing/server-process.js';

const FLOW_MS = 60_000;

/** After an attack: the server says that it is healthy, and a new query reads, computes and answers. @throws Error when not */
export async function requireWorking(server: ServerProcess): Promise<void> {
  const health = (await (await fetch(`${server.url}/healthcheck`)).json()) as { isHealthy?: boolean };
  if (health.isHealthy !== true) throw new Error(`The server is not healthy: ${JSON.stringify(health)}`);
  const name = `ALIVE_${Date.now()}`;
  await server.ksql(
    `CREATE STREAM ${name} (K VARCHAR KEY, V INT) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=1);` +
      `CREATE TABLE ${name}_SUMS AS SELECT K, SUM(V) AS S FROM ${name} GROUP BY K EMIT CHANGES;` +
      `INSERT INTO ${name} (K, V) VALUES ('a', 1); INSERT INTO ${name} (K, V) VALUES ('a', 2);`,
    { 'auto.offset.reset': 'earliest' },
  );
  const deadline = performance.now() + FLOW_MS;
  for (;;) {
    const rows = await server.queryStream(`SELECT S FROM ${name}_SUMS WHERE K = 'a';`).catch(() => []);
    if (JSON.stringify(rows[1]) === '[3]') return;
    if (performance.now() > deadline) throw new Error(`A new query gave ${JSON.stringify(rows)} and not [3]`);
    await delay(100);
  }
}
