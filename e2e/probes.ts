import { setTimeout as delay } from 'node:timers/promises';
import { readTopic, type IncomingRecord } from '@isobar/kafka';

/** Repeats a look until it is satisfied; the last failure is what the test reports. */
export async function eventually<T>(what: string, timeoutMs: number, look: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      return await look();
    } catch (error) {
      last = error;
    }
    await delay(250);
  } while (performance.now() < deadline);
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last });
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

export async function sendJson<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Options of a Kafka client of this suite; it logs nothing. */
export const kafkaOptions = (kafkaBrokers: string) => ({
  brokers: kafkaBrokers.split(','),
  clientId: 'e2e',
  log: silentLog,
});
const silentLog = { debug: ignore, info: ignore, warn: ignore, error: ignore };
function ignore(): void {}

/** A topic from its beginning to its present end. */
export async function records(kafkaBrokers: string, topic: string): Promise<IncomingRecord[]> {
  const found: IncomingRecord[] = [];
  await readTopic(kafkaOptions(kafkaBrokers), topic, (record) => found.push(record));
  return found;
}

export const jsonOf = (value: Buffer | null): Record<string, unknown> | null =>
  value === null ? null : (JSON.parse(value.toString('utf8')) as Record<string, unknown>);

/** The newest value of each key of a table's topic; deleted keys are absent. */
export function latestByKey(all: readonly IncomingRecord[]): Map<string, Record<string, unknown>> {
  const latest = new Map<string, Record<string, unknown>>();
  for (const record of all) {
    const key = record.key?.toString('latin1') ?? '';
    const value = jsonOf(record.value);
    if (value === null) latest.delete(key);
    else latest.set(key, value);
  }
  return latest;
}
