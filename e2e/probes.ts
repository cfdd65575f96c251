import { readTopic, silentLog, type IncomingRecord } from '@isobar/kafka';

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
