import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { declaredTopics } from '@isobar/contracts';
import { ensureTopics, parseProducerSettings, RecordProducer, silentLog, toDeadLetterRecord } from '@isobar/kafka';
import { startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStreamAdmin } from './start-stream-admin.js';

interface Page {
  readonly items: readonly { readonly id: string; readonly topic: string; readonly replayed: boolean }[];
  readonly nextCursor: string | null;
}

/** Beyond the 10,000 that stream-admin keeps at hand. */
const lettersCount = 10_500;
/** Every hundredth is of another topic; the first of them is the very oldest letter. */
const topicOf = (number: number): string => (number % 100 === 0 ? 'weather-data' : 'iot-sensors');
const idOf = (number: number): string => `${topicOf(number)}:0:${number}`;

describe('more dead letters than are kept at hand', () => {
  let stack: TestStack;
  let admin: RunningService;
  let folder: string;

  const api = async <Body>(path: string, method = 'GET'): Promise<{ status: number; body: Body }> => {
    const response = await fetch(`${admin.url}${path}`, {
      method,
      ...(method === 'GET' ? {} : { headers: { 'Content-Type': 'application/json' }, body: '{}' }),
    });
    return { status: response.status, body: (await response.json()) as Body };
  };
  const walk = async (query: string): Promise<string[]> => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { status, body }: { status: number; body: Page } = await api<Page>(
        `/dead-letters?${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      expect(status).toBe(200);
      ids.push(...body.items.map(({ id }) => id));
      cursor = body.nextCursor;
    }
    return ids;
  };
  const isobar = (...args: string[]): Promise<{ code: number; stdout: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(import.meta.dirname, '../../isobar/bin/isobar.mjs'), 'dlq', ...args],
        { env: { ...process.env, STREAM_ADMIN_URL: admin.url, NODE_OPTIONS: '' }, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout) => resolve({ code: Number(error?.code ?? 0), stdout }),
      );
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'many-letters-'));
    for (const name of ['ksql', 'connectors']) mkdirSync(join(folder, name));
    stack = await startTestStack({ parts: ['kafka'] });
    const options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    await ensureTopics(options, declaredTopics);
    const producer = new RecordProducer(options, parseProducerSettings(''));
    await Promise.all(
      Array.from({ length: lettersCount }, (_, number) =>
        producer.send(
          toDeadLetterRecord(
            {
              topic: topicOf(number),
              partition: 0,
              offset: String(number),
              key: Buffer.from('k'),
              value: Buffer.from('{'),
              headers: {},
              timestampMs: 1_700_000_000_000 + number,
            },
            new Error('not JSON'),
            'a-query',
            1_700_000_000_000 + number,
          ),
        ),
      ),
    );
    await producer.close();
    admin = await startStreamAdmin(folder, stack, {
      KSQLDB_URL: 'http://127.0.0.1:9',
      CONNECT_URL: 'http://127.0.0.1:9',
    });
  }, 120_000);
  afterAll(async () => {
    await admin?.stop();
    await stack?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('are all reached by going from page to page, each once, newest first', async () => {
    const ids = await walk('limit=1000');
    expect(ids).toHaveLength(lettersCount);
    expect(ids).toEqual(Array.from({ length: lettersCount }, (_, n) => idOf(lettersCount - 1 - n)));
  }, 60_000);

  it('are filtered before they are counted into a page, however old', async () => {
    expect(await walk('limit=40&topic=weather-data')).toEqual(
      Array.from({ length: lettersCount / 100 }, (_, n) => idOf(lettersCount - 100 - 100 * n)),
    );
    const first = (await api<Page>('/dead-letters?limit=1000&topic=weather-data')).body;
    expect([first.items.length, first.nextCursor]).toEqual([lettersCount / 100, null]);
  }, 60_000);

  it('refuses a cursor that is no letter', async () => {
    expect((await api('/dead-letters?cursor=weather-data:9:9')).status).toBe(422);
  }, 30_000);

  it('shows and replays the oldest, and then says that it was replayed', async () => {
    const oldest = idOf(0);
    expect((await api(`/dead-letters/${oldest}`)).body).toMatchObject({ id: oldest, replayed: false });
    expect((await api(`/dead-letters/${oldest}/replay`, 'POST')).body).toEqual({ replayed: [oldest] });
    expect((await api(`/dead-letters/${oldest}`)).body).toMatchObject({ id: oldest, replayed: true });
    expect(await walk('limit=1000&topic=weather-data&replayed=true')).toEqual([oldest]);
    expect(await walk('limit=1000&topic=weather-data&replayed=false')).not.toContain(oldest);
    expect((await api('/dead-letters/weather-data:9:9')).status).toBe(404);
  }, 60_000);

  it('are listed on the command line, as many as one likes', async () => {
    const { code, stdout } = await isobar('list', '-o', 'json', '--limit', '10200');
    expect(code).toBe(0);
    const ids = (JSON.parse(stdout) as { id: string }[]).map(({ id }) => id);
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([10_200, idOf(lettersCount - 1), idOf(lettersCount - 10_200)]);
    expect((await isobar('list', '--limit', '1200')).stdout).toContain('There are more; see them with --limit 2400.');
    expect((await isobar('list', '--limit', 'many')).code).toBe(64);
  }, 60_000);
});
