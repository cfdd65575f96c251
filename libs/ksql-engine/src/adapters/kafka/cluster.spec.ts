import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { FakeNode } from '../../testing/fake-node.js';
import { Cluster } from './cluster.js';
import { isRetriable } from './kafka-errors.js';

const ANSWER_LIMIT_MS = 200;
/** More than are sent to a broker at once, so that others wait behind them. */
const REQUESTS = 30;

/** Throttle time, no brokers, cluster `c`, controller 0, no topics, no tags. */
const METADATA = Buffer.from([0, 0, 0, 0, 1, 2, 0x63, 0, 0, 0, 0, 1, 0]);

let broker: FakeNode;
let cluster: Cluster;
beforeEach(async () => {
  broker = new FakeNode(() => METADATA);
  cluster = new Cluster({ bootstrap: [await broker.listen()], clientId: 'spec', answerLimitMs: ANSWER_LIMIT_MS });
});
afterEach(async () => {
  await cluster.close();
  broker.close();
});

const ask = (): Promise<string | null | undefined> => cluster.metadata([]).then(({ clusterId }) => clusterId);

it('all that a silent broker was asked fails once and can be asked again; its late answers reach nobody', async () => {
  expect(await ask()).toBe('c');
  broker.isSilent = true;
  const failures = await Promise.all(
    Array.from({ length: REQUESTS }, () =>
      ask().then(
        () => undefined,
        (error: unknown) => error,
      ),
    ),
  );
  expect(failures.every(isRetriable)).toBe(true);
  expect(String(failures[0])).toContain(`no answer within ${ANSWER_LIMIT_MS} ms`);
  broker.isSilent = false;
  for (const tell of broker.late) tell();
  for (let round = 0; round < 3; round++)
    expect(new Set(await Promise.all(Array.from({ length: REQUESTS }, ask)))).toEqual(new Set(['c']));
});

it('an answer that came while this process slept is no late one', async () => {
  await ask();
  broker.isSilent = true;
  const asked = ask();
  while (broker.late.length === 0) await delay(5);
  await setImmediate();
  broker.late[0]?.();
  for (const wakeMs = performance.now() + 2 * ANSWER_LIMIT_MS; performance.now() < wakeMs;);
  expect(await asked).toBe('c');
});

it('an error of a connection that nobody waits for ends nothing', async () => {
  const connection = await cluster.any();
  for (let i = 0; i < 2; i++) expect(() => connection.emit('error', new Error('reset'))).not.toThrow();
});

it('closes although a broker takes nothing any more', async () => {
  const connection = await cluster.any();
  broker.sockets[0]?.pause();
  connection.socket.write(Buffer.alloc(32 * 1024 * 1024));
  await cluster.close();
  expect(cluster.isClosed).toBe(true);
}, 5_000);
