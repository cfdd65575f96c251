import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeptAdmin, RecordProducer, parseProducerSettings, silentLog } from '@isobar/kafka';
import { eventually, startTestStack, type TestStack } from '@isobar/local-stack/testing';
import type { RunningService } from '@isobar/service-kit';
import { findAnswersOutsideDescription } from '@isobar/service-kit/testing';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStreamAdmin } from './start-stream-admin.js';

interface Topic {
  readonly name: string;
  readonly offsets: number;
  readonly declared: boolean;
  readonly drift: readonly string[];
  readonly losses: readonly { what: string; records: number | null; madeAgainAt: string | null; consequence: string }[];
}

interface Readiness {
  readonly status: string;
  readonly parts: Readonly<Record<string, { status: string; reason?: string }>>;
}

/** Those that ask ksqlDB or Connect, which are away here; described-answers.spec waits for those. */
const needsOthers = [
  'GET /queries',
  'GET /queries/{name}',
  'POST /queries/{name}/redeploy',
  'GET /connectors',
  'GET /connectors/{name}',
];

/** A small file system of its own, which only root may mount. */
function mountDisk(): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), 'isobar-disk-'));
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m,mode=777', 'tmpfs', disk]).status === 0) return disk;
  process.stderr.write('SKIPPED: a full disk needs a small file system of its own, which only root may mount\n');
  return undefined;
}

describe('stream-admin and the declared topics', () => {
  let stack: TestStack;
  let folder: string;
  /** The broker's, and small. */
  let disk: string | undefined;
  let admin: RunningService;
  let kafka: KeptAdmin;
  let producer: RecordProducer;

  const get = async <T>(path: string): Promise<T> => (await fetch(admin.url + path)).json() as Promise<T>;
  const topic = (name: string): Promise<Topic> => get(`/topics/${name}`);
  const part = async (name: string) => (await get<Readiness>('/readyz')).parts[name];
  const seen = (what: string, name: string, isSo: (found: Topic) => boolean): Promise<Topic> =>
    eventually(what, 30_000, async () => {
      const found = await topic(name);
      if (!isSo(found)) throw new Error(`last seen: ${JSON.stringify(found)}`);
      return found;
    });
  const write = (name: string, count: number): Promise<unknown> =>
    Promise.all(Array.from({ length: count }, (_, i) => producer.send({ topic: name, key: `k${i}`, value: '{}' })));

  const acknowledge = async (body: object): Promise<{ status: number; body: { detail?: string } }> => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${admin.url}/losses/acknowledge`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as { detail?: string } };
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stream-admin-'));
    disk = mountDisk();
    for (const name of ['ksql', 'connectors']) mkdirSync(join(folder, name));
    stack = await startTestStack({ parts: ['kafka'], parent: disk });
    const options = { brokers: [stack.kafkaBrokers], clientId: 'test', log: silentLog };
    kafka = new KeptAdmin(options);
    producer = new RecordProducer(options, parseProducerSettings(''));
    admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: 'http://127.0.0.1:1' });
    await eventually('the topics', 30_000, async () => {
      if ((await part('topics'))?.status !== 'up') throw new Error(JSON.stringify(await get('/readyz')));
    });
  }, 120_000);

  afterAll(async () => {
    await producer?.close();
    await kafka?.close();
    await admin?.stop();
    await stack?.stop();
    if (disk !== undefined) spawnSync('umount', [disk]);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('makes deleted topics again, and says how many records are gone', async () => {
    await write('weather-data', 40);
    await write('iot-sensors', 7);
    await seen('the records', 'weather-data', ({ offsets }) => offsets >= 40);
    // What is counted is what the keeper saw, which looks every few seconds.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await kafka.use((client) => client.deleteTopics({ topics: ['weather-data', 'iot-sensors'] }));

    const made = await seen(
      'the new topic',
      'weather-data',
      ({ offsets, losses }) => offsets === 0 && typeof losses[0]?.madeAgainAt === 'string',
    );
    expect(made).toMatchObject({
      declared: true,
      drift: [],
      losses: [{ what: 'deleted', records: 40, madeAgainAt: expect.any(String) }],
    });
    await seen('the other one', 'iot-sensors', ({ losses }) => losses[0]?.records === 7);
    await eventually('the topics are up again', 30_000, async () => {
      if ((await part('topics'))?.status !== 'up') throw new Error(JSON.stringify(await part('topics')));
    });
    expect((await part('topic history'))?.reason).toMatch(
      /topic weather-data was deleted \(seen at [\dT:-]+Z\), up to 40 records of history are gone; it was made again; its sources go on filling it/,
    );
  }, 90_000);

  it('goes on producing into a topic that was deleted, without a restart', async () => {
    await kafka.use((client) => client.deleteTopics({ topics: ['weather-data'] }));
    await write('weather-data', 5);
    await seen('the new records', 'weather-data', ({ offsets }) => offsets >= 5);
  }, 60_000);

  it('writes its journal again when that topic was deleted', async () => {
    await kafka.use((client) => client.deleteTopics({ topics: ['isobar-deployments'] }));
    await seen('the journal', 'isobar-deployments', ({ losses }) =>
      losses.some(({ consequence }) => consequence.endsWith('deployments are written again')),
    );
  }, 60_000);

  it('tells of records that somebody deleted before their time', async () => {
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '-1' }));
    await kafka.use((client) => client.deleteTopicRecords({ topic: 'weather-data', partitions }));
    await seen('the cut', 'weather-data', ({ losses }) =>
      losses.some(({ what, records }) => what === 'cut' && records === 5),
    );
  }, 60_000);

  it('says nothing of records whose own time is past the retention: those go by themselves', async () => {
    const before = (await topic('weather-forecasts')).losses.length;
    await producer.send({
      topic: 'weather-forecasts',
      key: 'old',
      value: '{}',
      timestamp: String(Date.parse('2020-01-01')),
    });
    // What is missed is what the keeper saw, which looks every few seconds.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    await kafka.use(async (client) => {
      const ends = await client.fetchTopicOffsets('weather-forecasts');
      const partitions = ends
        .filter(({ low, high }) => low < high)
        .map(({ partition }) => ({ partition, offset: '-1' }));
      // On a slow machine the broker has been there first.
      if (partitions.length > 0) await client.deleteTopicRecords({ topic: 'weather-forecasts', partitions });
    });
    await seen('it is gone', 'weather-forecasts', ({ offsets }) => offsets === 0);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect((await topic('weather-forecasts')).losses).toHaveLength(before);
  }, 60_000);

  const restart = async (): Promise<void> => {
    await admin.stop();
    admin = await startStreamAdmin(folder, stack, { KSQLDB_URL: 'http://127.0.0.1:1' });
    await eventually('the topics', 30_000, async () => {
      if ((await part('topics'))?.status !== 'up') throw new Error(JSON.stringify(await get('/readyz')));
    });
  };
  const toldLosses = async (): Promise<string[]> =>
    (await get<{ items: { isNews: boolean; words: string }[] }>('/losses')).items
      .filter(({ isNews }) => isNews)
      .map(({ words }) => words);

  /** Parts are looked at every few seconds. */
  const historyIsWell = (): Promise<void> =>
    eventually('the topic history is well', 15_000, async () =>
      expect(await part('topic history')).toMatchObject({ status: 'up' }),
    );

  it('still tells of all that after a restart, until somebody acknowledges it', async () => {
    const before = await toldLosses();
    expect(before.length).toBeGreaterThanOrEqual(4);
    expect(before[0]).toMatch(/^topic weather-data: up to 5 records were deleted from it at /);
    await restart();
    expect(await toldLosses()).toEqual(before);
    expect((await topic('isobar-deployments')).losses).toHaveLength(1);
    await eventually('it is told why', 15_000, async () =>
      expect((await part('topic history'))?.reason).toMatch(
        /weather-data: up to 5 records were deleted.*npx isobar topics/,
      ),
    );

    expect((await acknowledge({ topic: 'iot-sensors' })).body).toEqual({ acknowledged: 1 });
    expect(await toldLosses()).toEqual(before.filter((words) => !words.startsWith('topic iot-sensors')));
    expect((await acknowledge({})).body).toEqual({ acknowledged: before.length - 1 });
    await historyIsWell();
    await restart();
    expect(await toldLosses()).toEqual([]);
    await historyIsWell();
    expect((await topic('weather-data')).losses.length).toBeGreaterThanOrEqual(2);
  }, 120_000);

  it('shows settings that differ from the declaration', async () => {
    await kafka.use((client) =>
      client.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: 'weather-data', configEntries: [{ name: 'retention.ms', value: '60000' }] }],
      }),
    );
    const { drift } = await seen('the drift', 'weather-data', (found) => found.drift.length > 0);
    expect(drift).toContain('retention.ms is 60000, declared 604800000');
    await eventually('the part', 30_000, async () => {
      expect(await part('topic settings')).toMatchObject({
        status: 'down',
        optional: true,
        reason: expect.stringContaining('weather-data: retention.ms is 60000, declared 604800000'),
      });
    });
  }, 60_000);

  it('describes every answer about what the broker has, however odd the request', async () => {
    expect(await findAnswersOutsideDescription(admin.url, needsOthers)).toEqual([]);
  }, 90_000);

  it('says so within seconds when the broker ends on a full disk, lives, and goes on when there is room', async () => {
    await write('weather-data', 40);
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    const partitions = [0, 1, 2].map((partition) => ({ partition, offset: '-1' }));
    await kafka.use((client) => client.deleteTopicRecords({ topic: 'weather-data', partitions }));
    await eventually('the cut is told', 30_000, async () => expect(await toldLosses()).toHaveLength(1));
    // Where no file system can be mounted, a broker that ended for another reason must do.
    if (disk === undefined) await stack.kill('kafka');
    else spawnSync('dd', ['if=/dev/zero', `of=${join(disk, 'filler')}`, 'bs=1M']);
    // More than fits into what is allotted to the topic already.
    const large = producer.send({ topic: 'weather-data', key: 'k', value: JSON.stringify('x'.repeat(200_000)) });
    await eventually('the part is down', 60_000, async () => {
      expect((await part('topics'))?.reason).toMatch(/no broker has told of the topics for \d+ s/);
    });
    const askedAtMs = performance.now();
    const answer = await acknowledge({});
    expect([answer.status, answer.body.detail]).toEqual([503, expect.stringMatching(/journal|broker|Kafka/)]);
    expect(performance.now() - askedAtMs).toBeLessThan(60_000);
    expect((await fetch(`${admin.url}/healthz`)).status).toBe(200);

    if (disk !== undefined) rmSync(join(disk, 'filler'));
    await stack.kill('kafka');
    await stack.restart('kafka');
    await eventually('the part is up', 60_000, async () => expect(await part('topics')).toEqual({ status: 'up' }));
    // What was not taken then was taken since.
    await large;
    await restart();
    expect(await toldLosses()).toEqual([]);
  }, 240_000);
});
