import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { userAlertV1 } from '@isobar/contracts';
import { eventually } from '@isobar/local-stack/testing';
import type { EntityManager } from 'typeorm';
import { tell } from '../alerts/telling/tell.js';
import type { NoticeEvent } from '../alerts/notices/notice.js';
import { Database } from '../database/database.js';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import { WebhookReceiver } from '../testing/webhook-receiver.js';
import { attemptsMax } from './back-off.js';
import { DeliveryStore } from './delivery-store.js';
import { DeliveryWorker } from './delivery-worker.js';
import { OutboxRelay, type OutboxRecord } from './outbox-relay.js';
import { AddressRules } from './webhooks/public-address.js';
import { signedHeaders } from './webhooks/signature.js';
import type { DeliveryView, MadeWebhook, WebhookView } from './webhooks/webhook-fields.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

// Far ahead: the jobs of the service itself find nothing to do yet.
const startMs = Date.parse('2126-03-01T12:00:00Z');
const minuteMs = 60_000;

let service: ServiceOnPostgres;
let receiver: WebhookReceiver;
let database: Database;
let nowMs = startMs;

beforeAll(async () => {
  service = await ServiceOnPostgres.start({ environment: { WEBHOOK_PRIVATE_ADDRESSES: 'allow' } });
  database = service.app.get(Database);
}, 120_000);
afterAll(async () => {
  await service?.stop();
}, 60_000);
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
  nowMs = startMs;
});
afterEach(async () => {
  await receiver.stop();
  for (const table of ['delivery_targets', 'notice_states', 'inbox', 'outbox', 'alert_rules'])
    await service.sql(`DELETE FROM ${table}`);
});

function workerOf(of: Database = database, timeoutMs = 15_000): DeliveryWorker {
  const sender = new WebhookSender(new AddressRules(true), { timeoutMs, now: () => nowMs });
  return new DeliveryWorker(new DeliveryStore(of, () => 0.5), { WEBHOOK: sender, EMAIL: undefined }, () => nowMs);
}

const addWebhook = async (userId: number, fields: object = {}): Promise<MadeWebhook> => {
  const made = await service.call('POST', `/users/${userId}/webhooks`, { url: `${receiver.url}/${userId}`, ...fields });
  expect(made.status).toBe(201);
  return made.body as MadeWebhook;
};
const webhookOf = async (userId: number, id: number): Promise<WebhookView> =>
  (await service.call('GET', `/users/${userId}/webhooks/${id}`)).body as WebhookView;
const deliveriesOf = async (userId: number, id: number): Promise<DeliveryView[]> =>
  ((await service.call('GET', `/users/${userId}/webhooks/${id}/deliveries`)).body as { items: DeliveryView[] }).items;

let episodes = 0;
/** Something critical befalls a person: it is told at once. */
async function befall(userId: number, { kind = 'raised', ruleId = 'official/x' } = {}): Promise<void> {
  episodes += 1;
  const line = {
    key: { episodeId: `e${episodes}`, kind: kind as 'raised', ordinal: 1 },
    ...{ ruleId, ruleVersion: 1, placeId: 'home', severity: 'CRITICAL' as const, lifeSafety: true, startMs: nowMs },
    ...{ endMs: null, atMs: nowMs, value: 93.4, peakValue: 95, reason: null },
  };
  const event: NoticeEvent = { kind: kind as 'raised', line, isHeldBack: false, notBeforeMs: null };
  await database.transaction((manager) => tell(manager, new Map([[String(userId), [event]]]), nowMs));
}

describe('a webhook', () => {
  it('gets each notice once, signed, and its person sees that', async () => {
    const { id, secret } = await addWebhook(1);
    await befall(1);
    await workerOf().drain();
    await workerOf().drain();
    expect(receiver.received).toHaveLength(1);
    const [first] = receiver.received;
    if (first === undefined) throw new Error('nothing was received');
    const { headers, body } = first;
    expect(headers).toMatchObject(signedHeaders(secret, String(headers['webhook-id']), nowMs, body));
    expect(JSON.parse(body)).toMatchObject({
      type: 'alert.notice',
      data: { userId: 1, delivery: 'INTERRUPT', lines: [{ kind: 'raised', value: 93.4, text: expect.any(String) }] },
    });
    expect(await webhookOf(1, id)).toMatchObject({ pending: 0, dead: 0, failures: 0, lastError: null });
    expect(JSON.stringify(await webhookOf(1, id))).not.toContain(secret);
    expect(await deliveriesOf(1, id)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  });

  it('gets what it asked for, of rules that tell by webhook', async () => {
    await addWebhook(1, { kinds: ['no-data', 'raised'] });
    const rule = { name: 'Hot', metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 80, channels: ['INBOX'] };
    const { body } = await service.call('POST', '/users/1/rules', rule);
    await befall(1, { ruleId: String((body as { id: number }).id) });
    await befall(1, { kind: 'escalated' });
    await workerOf().drain();
    expect(receiver.received).toEqual([]);
    await befall(1);
    await workerOf().drain();
    expect(receiver.received).toHaveLength(1);
    expect((await service.call('POST', '/users/1/rules', { ...rule, channels: ['WEBHOOK'] })).status).toBe(422);
  });

  it('is tried again with the same id, later and later, given up in the end, and replayed', async () => {
    receiver.answer = (response) => response.writeHead(500).end();
    const { id } = await addWebhook(1);
    await befall(1);
    const waits: number[] = [];
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      await workerOf().drain();
      expect(receiver.received).toHaveLength(attempt);
      const [delivery] = await deliveriesOf(1, id);
      if (attempt === attemptsMax) expect(delivery).toMatchObject({ state: 'dead', lastError: 'answered 500' });
      else waits.push(Date.parse(delivery?.nextAttemptAt ?? '') - nowMs);
      await workerOf().drain();
      expect(receiver.received).toHaveLength(attempt);
      nowMs += 61 * minuteMs;
    }
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(receiver.ids.size).toBe(1);
    expect(await webhookOf(1, id)).toMatchObject({ pending: 0, dead: 1, failures: attemptsMax });
    receiver.answer = (response) => response.writeHead(200).end();
    const [dead] = await deliveriesOf(1, id);
    const replay = `/users/1/webhooks/${id}/deliveries/${dead?.id}/replay`;
    expect(await service.call('POST', replay)).toMatchObject({ status: 200, body: { replayed: 1 } });
    expect((await service.call('POST', replay)).status).toBe(404);
    // By the service itself, whose time is now.
    await eventually('it is delivered', 10_000, async () =>
      expect(await webhookOf(1, id)).toMatchObject({ dead: 0, pending: 0, failures: 0 }),
    );
    expect(receiver.ids.size).toBe(1);
  });

  it('that hangs, redirects, floods or is gone is given up after its time and delays nobody else', async () => {
    const hanging = await addWebhook(2, { url: `${receiver.url}/hangs` });
    const redirecting = await addWebhook(3, { url: `${receiver.url}/redirects` });
    const flooding = await addWebhook(4, { url: `${receiver.url}/floods` });
    const gone = await addWebhook(5, { url: `${receiver.url}/gone` });
    const fine = await addWebhook(1);
    receiver.answer = (response, { path }) => {
      if (path === '/redirects') response.writeHead(302, { Location: `${receiver.url}/elsewhere` }).end();
      else if (path === '/gone') response.writeHead(410).end();
      else if (path === '/floods') {
        response.writeHead(200);
        const flood = (): void => {
          while (!response.destroyed && response.write('x'.repeat(65_536)));
        };
        response.on('drain', flood);
        flood();
      } else if (path !== '/hangs') response.writeHead(200).end();
    };
    for (let times = 0; times < 3; times += 1) for (const userId of [1, 2, 3, 4, 5]) await befall(userId);
    const worker = workerOf();
    await worker.begin();
    await eventually('those that answer are served while one hangs', 10_000, async () => {
      expect(await webhookOf(1, fine.id)).toMatchObject({ pending: 0 });
    });
    expect(await webhookOf(2, hanging.id)).toMatchObject({ pending: 3, failures: 0 });
    receiver.hangUp();
    await worker.stop();
    expect(await webhookOf(2, hanging.id)).toMatchObject({
      pending: 3,
      lastError: 'could not be reached (ECONNRESET)',
    });
    nowMs += minuteMs;
    await workerOf(database, 300).drain();
    expect(await webhookOf(2, hanging.id)).toMatchObject({ pending: 3, lastError: 'no answer within 300 ms' });
    expect(await webhookOf(3, redirecting.id)).toMatchObject({ lastError: expect.stringContaining('not followed') });
    expect(receiver.received.map(({ path }) => path)).not.toContain('/elsewhere');
    expect(await webhookOf(4, flooding.id)).toMatchObject({ pending: 0, failures: 0 });
    expect(await webhookOf(5, gone.id)).toMatchObject({ enabled: false, dead: 1 });
  });

  it('that is switched off in the middle of a turn gets nothing more, and neither when its address changes meanwhile', async () => {
    const { id } = await addWebhook(1);
    await befall(1);
    await befall(1);
    const store = new DeliveryStore(database, () => 0.5);
    const [turn] = await store.claim(nowMs, 10, 'WEBHOOK', false);
    if (turn === undefined) throw new Error('nothing was claimed');
    await service.call('PATCH', `/users/1/webhooks/${id}`, { enabled: false });
    expect(await store.next(turn, nowMs)).toBeUndefined();
    await store.release(turn, nowMs);
    await service.call('PATCH', `/users/1/webhooks/${id}`, { url: `${receiver.url}/moved` });
    await workerOf().drain();
    expect(receiver.received).toEqual([]);
    // It does not stand: nobody is to begin with it.
    expect((await store.standing(nowMs)).overdueSinceMs).toBeNull();
    await service.call('PATCH', `/users/1/webhooks/${id}`, { enabled: true });
    await eventually('what waited comes to the new address', 10_000, async () => {
      await workerOf().drain();
      expect(receiver.received.map(({ path }) => path)).toEqual(['/moved', '/moved']);
    });
  });

  it('whose address or secret changes in the middle of a turn is not reached by the old one again', async () => {
    const { id } = await addWebhook(1);
    const store = new DeliveryStore(database, () => 0.5);
    const path = `/users/1/webhooks/${id}`;
    for (const change of [
      () => service.call('PATCH', path, { url: `${receiver.url}/moved` }),
      () => service.call('POST', `${path}/secret`),
    ]) {
      await befall(1);
      const turn = await eventually('a turn', 10_000, async () => {
        const [claimed] = await store.claim(nowMs, 10, 'WEBHOOK', false);
        if (claimed === undefined) throw new Error('nothing was claimed');
        return claimed;
      });
      const delivery = await store.next(turn, nowMs);
      if (delivery === undefined) throw new Error('nothing is due');
      const { body } = await change();
      // What became of the attempt at the old one says nothing of the new one.
      await store.record(turn, delivery, { kind: 'gone', because: 'answered 410 Gone' }, nowMs);
      expect(await store.next(turn, nowMs)).toBeUndefined();
      await store.release(turn, nowMs);
      expect(await webhookOf(1, id)).toMatchObject({ enabled: true, pending: 1, failures: 0 });
      await eventually('it comes the new way', 10_000, async () => {
        await workerOf().drain();
        expect(receiver.received.at(-1)?.headers['webhook-id']).toBe(delivery.id);
      });
      const { headers, body: text, path: reached } = receiver.received.at(-1) ?? { headers: {}, body: '', path: '' };
      expect(reached).toBe('/moved');
      const { secret } = body as Partial<MadeWebhook>;
      if (secret !== undefined) expect(headers).toMatchObject(signedHeaders(secret, delivery.id, nowMs, text));
    }
  });

  it('remembers what it got for a week, and what it did not for a month', async () => {
    const { id } = await addWebhook(1);
    const ages = { DELIVERED: [6, 8], DEAD: [29, 31], PENDING: [29, 31] };
    for (const [state, days] of Object.entries(ages))
      for (const day of days)
        await service.sql(`INSERT INTO deliveries (id, target_id, notice, state, created_at_ms, next_at_ms, done_at_ms)
          SELECT '${state} ${day}', ${id}, '{}', '${state}', at_ms, at_ms, CASE '${state}' WHEN 'PENDING' THEN NULL ELSE at_ms END
          FROM (SELECT ${nowMs - day * 24 * 60 * minuteMs}::bigint AS at_ms) AS a`);
    await new DeliveryStore(database).forget(nowMs);
    expect((await service.sql('SELECT id FROM deliveries ORDER BY id')).map(({ id: kept }) => kept)).toEqual([
      'DEAD 29',
      'DELIVERED 6',
      'PENDING 29',
    ]);
  });

  it('that asks for time is left alone until then, with whatever waits for it', async () => {
    receiver.answer = (response) => response.writeHead(429, { 'Retry-After': '600' }).end();
    await addWebhook(1);
    await befall(1);
    await befall(1);
    await workerOf().drain();
    nowMs += 9 * minuteMs;
    await workerOf().drain();
    expect(receiver.received).toHaveLength(1);
    nowMs += 2 * minuteMs;
    await workerOf().drain();
    expect(receiver.received).toHaveLength(2);
  });

  it('of poison gets the others all the same', async () => {
    await addWebhook(1);
    await befall(1);
    await befall(1);
    receiver.answer = (response, { headers }) => {
      const [poison] = receiver.ids;
      response.writeHead(headers['webhook-id'] === poison ? 400 : 200).end();
    };
    await workerOf().drain();
    nowMs += 6_000;
    await workerOf().drain();
    expect(receiver.ids.size).toBe(2);
  });

  it('that leads into a private network is refused at save, unless that is allowed', async () => {
    const strict = await ServiceOnPostgres.beside(service);
    try {
      for (const [url, why] of [
        ['http://127.0.0.1:1/', 'https'],
        ['https://127.0.0.1/', '127.0.0.1'],
        ['https://2130706433/', '127.0.0.1'],
        ['https://[::ffff:10.0.0.1]/', 'not an address of the public internet'],
        ['https://localhost/', 'not an address of the public internet'],
        ['https://no-such-host.invalid/', 'cannot be looked up'],
      ]) {
        const { status, body } = await strict.call('POST', '/users/1/webhooks', { url });
        expect([status, JSON.stringify(body)]).toEqual([422, expect.stringContaining(why ?? '')]);
      }
    } finally {
      await strict.stopService();
    }
  });

  it('is not reached by a name that leads elsewhere when it is connected to', async () => {
    const { id } = await addWebhook(1, { url: `http://localhost:${new URL(receiver.url).port}/` });
    // Judged as public when it was saved, and at home now.
    const rules = new AddressRules(false, async () => [{ address: '127.0.0.1', family: 4 }]);
    Object.defineProperty(rules, 'isOpen', { value: true });
    await befall(1);
    const sender = new WebhookSender(rules);
    await new DeliveryWorker(new DeliveryStore(database), { WEBHOOK: sender, EMAIL: undefined }, () => nowMs).drain();
    expect(receiver.received).toEqual([]);
    expect(await webhookOf(1, id)).toMatchObject({ lastError: expect.stringContaining('127.0.0.1') });
  });

  it('can be tested, changed, and removed with what waits', async () => {
    const { id, secret } = await addWebhook(1);
    const path = `/users/1/webhooks/${id}`;
    expect((await service.call('POST', `${path}/test`)).status).toBe(202);
    await eventually('the test came', 10_000, async () => expect(receiver.received).toHaveLength(1));
    const renewed = (await service.call('POST', `${path}/secret`)).body as MadeWebhook;
    expect(renewed.secret).not.toBe(secret);
    expect(await service.call('PATCH', path, { enabled: false })).toMatchObject({
      status: 200,
      body: { enabled: false },
    });
    expect((await service.call('POST', `${path}/test`)).status).toBe(409);
    expect((await service.call('PATCH', path, { url: 'nonsense' })).status).toBe(422);
    expect((await service.call('GET', `/users/2/webhooks/${id}`)).status).toBe(404);
    expect((await service.call('DELETE', path)).status).toBe(204);
    expect((await service.call('GET', path)).status).toBe(404);
  });
});

/** A database that tells of each statement in transactions, before it; who throws there is killed there. */
function watched(of: Database, onStatement: (statement: string) => void): Database {
  const watch = (manager: EntityManager): EntityManager =>
    new Proxy(manager, {
      get: (target, name) =>
        name === 'query'
          ? (statement: string, values?: unknown[]): Promise<unknown> => {
              onStatement(statement);
              return target.query(statement, values);
            }
          : (Reflect.get(target, name) as unknown),
    });
  return Object.assign(Object.create(of) as Database, {
    transaction: (work: (manager: EntityManager) => Promise<unknown>) =>
      of.transaction((manager) => work(watch(manager))),
  });
}

const dying = (of: Database, at: string): Database =>
  watched(of, (statement) => {
    if (statement.includes(at)) throw new Error('killed');
  });

describe('a process that is killed', () => {
  it('between delivering and writing that down delivers again, with the same id, once its lease is over', async () => {
    const { id } = await addWebhook(1);
    await befall(1);
    await workerOf(dying(database, 'done_at_ms = $5')).drain();
    expect(receiver.received).toHaveLength(1);
    expect(await deliveriesOf(1, id)).toMatchObject([{ state: 'pending', attempts: 0 }]);
    // Nobody else delivers to it until the lease is over.
    await workerOf().drain();
    expect(receiver.received).toHaveLength(1);
    nowMs += 61_000;
    await workerOf().drain();
    expect(receiver.received).toHaveLength(2);
    expect(receiver.ids.size).toBe(1);
    expect(await deliveriesOf(1, id)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
  });

  it('whose lease was taken writes nothing', async () => {
    const { id } = await addWebhook(1);
    await befall(1);
    const store = new DeliveryStore(database, () => 0.5);
    const [slow] = await store.claim(nowMs, 10, 'WEBHOOK', false);
    if (slow === undefined) throw new Error('nothing was claimed');
    const delivery = await store.next(slow, nowMs);
    if (delivery === undefined) throw new Error('nothing is due');
    nowMs += 61_000;
    await workerOf().drain();
    await store.record(slow, delivery, { kind: 'failed', because: 'slow' }, nowMs);
    await store.release(slow, nowMs);
    expect(await deliveriesOf(1, id)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
    expect(await webhookOf(1, id)).toMatchObject({ failures: 0, lastError: null });
  });

  it('two replicas deliver each notice once', async () => {
    const people = [1, 2, 3, 4, 5, 6];
    for (const userId of people) await addWebhook(userId);
    for (let times = 0; times < 4; times += 1) for (const userId of people) await befall(userId);
    await Promise.all([workerOf(), workerOf(), workerOf()].map((worker) => worker.drain()));
    expect(receiver.received).toHaveLength(24);
    expect(receiver.ids.size).toBe(24);
  });
});

describe('the outbox', () => {
  it('is published in order, again after a kill, and a person who is removed leaves a tombstone and nothing else', async () => {
    const { headers } = await service.call('POST', '/users', {
      username: 'short.told',
      fullName: 'S',
      cityKey: 'chicago-il',
    });
    const userId = Number(headers.get('location')?.split('/').at(-1));
    await befall(userId);
    await befall(userId);
    await befall(1);
    const sent: OutboxRecord[] = [];
    const send = async (record: OutboxRecord): Promise<void> => void sent.push(record);
    await expect(new OutboxRelay(dying(database, 'DELETE FROM outbox'), send).relay()).rejects.toThrow('killed');
    expect(sent).toHaveLength(3);
    expect(await new OutboxRelay(database, send).relay()).toBe(3);
    expect(sent.slice(3)).toEqual(sent.slice(0, 3));
    const ids = sent.slice(0, 3).map(({ headers: given }) => given['event-id']);
    expect(new Set(ids).size).toBe(3);
    const [first] = sent;
    expect(userAlertV1.parseValue(first?.value ?? null)).toMatchObject({
      kind: 'raised',
      severity: 'CRITICAL',
      value: 93.4,
    });
    expect(first?.key).toBe(String(userId));
    await befall(userId);
    await service.call('DELETE', `/users/${userId}`);
    sent.length = 0;
    expect(await new OutboxRelay(database, send).relay()).toBe(1);
    expect(sent).toMatchObject([{ key: String(userId), value: null }]);
    expect(await service.sql(`SELECT FROM outbox`)).toEqual([]);
  });

  it('waits for what the broker has not answered, and does not send it beside itself', async () => {
    await befall(1);
    let release: () => void = () => undefined;
    let sends = 0;
    let looks = 0;
    const counting = watched(database, (statement) => {
      if (statement.startsWith('SELECT * FROM outbox')) looks += 1;
    });
    const relay = new OutboxRelay(counting, () => {
      sends += 1;
      return new Promise((resolve) => (release = resolve));
    });
    await expect(relay.relay()).rejects.toThrow(/did not take/);
    const again = relay.relay();
    await eventually('the second look', 10_000, async () => expect(looks).toBe(2));
    // What it found is sent in the moment in which it is found.
    await service.sql('SELECT pg_sleep(0.2)');
    release();
    expect(await again).toBe(1);
    expect(sends).toBe(1);
    expect(await service.sql('SELECT FROM outbox')).toEqual([]);
  }, 30_000);
});
