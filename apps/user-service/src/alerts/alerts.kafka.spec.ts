import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topics } from '@isobar/contracts';
import { createKafka, ensureTopics, parseProducerSettings, RecordProducer, silentLog } from '@isobar/kafka';
import { eventually } from '@isobar/local-stack/testing';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';
import type { AlertView, NoticeView, Why } from './alert-fields.js';
import { AlertClock } from './clock/alert-clock.js';
import { NoticeClock } from './clock/notice-clock.js';

const secondMs = 1_000;
const heat = {
  name: 'Too hot',
  metric: 'SENSOR_TEMPERATURE',
  comparison: 'ABOVE',
  threshold: 90,
  deadband: 2,
  minDurationSeconds: 20,
  clearDelaySeconds: 10,
  coolDownSeconds: 0,
};

describe('the alerts of a person', () => {
  let service: ServiceOnPostgres;
  let producer: RecordProducer;
  /** Event time of the next signal: an hour ago, in the order of the tests. */
  let atMs = Date.now() - 3_600_000;

  beforeAll(async () => {
    service = await ServiceOnPostgres.start({ withKafka: true });
    const kafka = { brokers: [service.stack.kafkaBrokers], clientId: 'test', log: silentLog };
    await ensureTopics(kafka, [topics.readingSignals, topics.observationSignals]);
    producer = new RecordProducer(kafka, parseProducerSettings('linger.ms=0'));
  }, 180_000);
  afterAll(async () => {
    await producer?.close();
    await service?.stop();
  }, 60_000);

  async function addRule(userId: number, changes: object = {}): Promise<{ path: string; limitId: number }> {
    const made = await service.call('POST', `/users/${userId}/rules`, { ...heat, ...changes });
    expect(made.status).toBe(201);
    const { id } = made.body as { id: number };
    // It is as if it had been there when its values come from.
    const [row] = await service.sql(`UPDATE alert_rules SET since_ms = 0 WHERE id = ${id} RETURNING limit_id`);
    return { path: made.headers.get('location') ?? '', limitId: Number(row?.['limit_id']) };
  }

  async function signal(limitId: number, value: number | null, afterMs = 5 * secondMs): Promise<void> {
    atMs += afterMs;
    await producer.send({
      topic: topics.readingSignals.name,
      key: String(limitId),
      value: JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${atMs}`, CITY_KEY: 'x', METRIC: 'x' }),
    });
  }

  const alertsOf = async (userId: number, query = ''): Promise<AlertView[]> =>
    ((await service.call('GET', `/users/${userId}/alerts${query}`)).body as { items: AlertView[] }).items;
  const inboxOf = async (userId: number): Promise<NoticeView[]> =>
    ((await service.call('GET', `/users/${userId}/inbox`)).body as { items: NoticeView[] }).items;

  it('is raised after its minimum duration, told once, and over when it is, with the reasons', async () => {
    const { limitId } = await addRule(1);
    await signal(limitId, 85);
    for (const value of [91, 92, 93]) await signal(limitId, value);
    // 10 s of the 20 that it takes: nobody is told.
    await eventually('the signals are taken', 30_000, async () => {
      expect(await service.sql("SELECT state->>'phase' AS phase FROM alert_states")).toEqual([{ phase: 'PENDING' }]);
    });
    expect(await alertsOf(1)).toEqual([]);
    for (const value of [94, 95, 93, 92]) await signal(limitId, value);
    await eventually('the alert is raised', 30_000, async () => {
      expect(await alertsOf(1, '?state=open')).toMatchObject([
        { name: 'Too hot', state: 'active', severity: 'WARNING', unit: '°F', endedAt: null },
      ]);
    });
    expect((await inboxOf(1)).map(({ kind, body }) => [kind, body])).toEqual([
      // The clock may have decided before the last of them was taken.
      [
        'raised',
        expect.stringMatching(/^Too hot: the temperature at the sensors is above 90 °F since .* It is 9\d °F\.$/),
      ],
    ]);

    // In the deadband it is not over, however long.
    for (const value of [89, 89, 89, 89]) await signal(limitId, value);
    for (const value of [80, 80, 80, 80, 80]) await signal(limitId, value);
    await eventually('the alert is over', 30_000, async () => {
      expect(await alertsOf(1)).toMatchObject([{ state: 'ended', endReason: 'cleared', peakValue: 95 }]);
    });
    expect((await inboxOf(1)).map(({ kind }) => kind)).toEqual(['cleared', 'raised']);

    const [alert] = await alertsOf(1);
    const why = (await service.call('GET', `/alerts/${alert?.id}/why`)).body as Why;
    expect(why.steps.map(({ kind, rebuilt }) => [kind, rebuilt])).toEqual([
      ['raised', true],
      ['cleared', true],
    ]);
    expect(why.steps[0]?.evidence.map(({ value }) => value)).toEqual(expect.arrayContaining([91, 95]));
    expect(why.steps[0]?.evidence[0]).toMatchObject({
      topic: 'reading-signals',
      eventId: expect.stringMatching(/^e\d/),
    });
  }, 120_000);

  it('waits for the end of quiet hours, unless it is critical; what came and went meanwhile is one line', async () => {
    // Quiet from an hour ago to an hour from now, wherever the test runs.
    const wall = (atMs: number): string => new Date(atMs).toISOString().slice(11, 16);
    const quietHours = { from: wall(Date.now() - 3_600_000), to: wall(Date.now() + 3_600_000), zone: 'Etc/UTC' };
    const quick = { minDurationSeconds: 0, quietHours };
    const { limitId } = await addRule(10, { ...quick, threshold: 60 });
    const critical = await addRule(11, { ...quick, threshold: 61, severity: 'CRITICAL' });
    for (const each of [limitId, critical.limitId]) for (const value of [95, 96, 97]) await signal(each, value);
    await eventually('both alerts are raised', 30_000, async () => {
      for (const userId of [10, 11]) expect(await alertsOf(userId, '?state=open')).toHaveLength(1);
    });
    expect((await inboxOf(10)).map(({ kind }) => kind)).toEqual([]);
    expect((await inboxOf(11)).map(({ kind }) => kind)).toEqual(['raised']);
    for (const value of [50, 50, 50, 50]) await signal(limitId, value);
    await eventually('the alert is over', 30_000, async () => expect(await alertsOf(10, '?state=open')).toEqual([]));
    expect(await inboxOf(10)).toEqual([]);
    // The morning comes.
    await service.app.get(NoticeClock).tick(Date.now() + 26 * 3_600_000);
    expect((await inboxOf(10)).map(({ kind, body }) => [kind, body])).toEqual([
      ['was', expect.stringMatching(/^Too hot: the temperature at the sensors was above 60 °F .*, at most 97 °F\.$/)],
    ]);
  }, 120_000);

  it('is acknowledged once and snoozed; neither ends it', async () => {
    const { limitId } = await addRule(2, { minDurationSeconds: 0 });
    for (const value of [95, 96, 97]) await signal(limitId, value);
    await eventually('the alert is raised', 30_000, async () =>
      expect(await alertsOf(2, '?state=open')).toHaveLength(1),
    );
    const [alert] = await alertsOf(2);
    const answers = await Promise.all([1, 2, 3].map(() => service.call('POST', `/alerts/${alert?.id}/acknowledge`)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await service.call('POST', `/alerts/${alert?.id}/snooze`, { minutes: 30 })).toMatchObject({
      status: 200,
      body: { state: 'active', acknowledgedAt: expect.any(String), snoozedUntil: expect.any(String) },
    });
    const why = (await service.call('GET', `/alerts/${alert?.id}/why`)).body as Why;
    expect(why.steps.map(({ kind }) => kind)).toEqual(['raised', 'acknowledged']);
    // During the snooze nothing is told, not even that it is over.
    for (const value of [80, 80, 80, 80]) await signal(limitId, value);
    await eventually('the alert is over', 30_000, async () => {
      expect(await alertsOf(2)).toMatchObject([{ state: 'ended', endReason: 'cleared' }]);
    });
    expect((await inboxOf(2)).map(({ kind }) => kind)).toEqual(['raised']);
    expect((await service.call('POST', `/alerts/${alert?.id}/acknowledge`)).status).toBe(409);
    expect((await service.call('POST', `/alerts/${alert?.id}/snooze`, { minutes: 0 })).status).toBe(422);
    expect((await service.call('GET', '/alerts/x/why')).status).toBe(404);
  }, 120_000);

  it('is closed for the reason of its rule when that is changed, switched off or removed, with no word of the weather', async () => {
    const rules = [];
    for (const userId of [4, 5, 6])
      rules.push(await addRule(userId, { minDurationSeconds: 0, threshold: 70 + userId }));
    for (const { limitId } of rules) for (const value of [95, 96, 97]) await signal(limitId, value);
    await eventually('three alerts are raised', 30_000, async () => {
      for (const userId of [4, 5, 6]) expect(await alertsOf(userId, '?state=open')).toHaveLength(1);
    });
    await service.call('PATCH', rules[0]?.path ?? '', { threshold: 99 });
    await service.call('PATCH', rules[1]?.path ?? '', { enabled: false });
    await service.call('DELETE', rules[2]?.path ?? '');
    await eventually('all are closed', 30_000, async () => {
      const closed = await Promise.all([4, 5, 6].map((userId) => alertsOf(userId)));
      expect(closed.map((alerts) => alerts.map(({ endReason }) => endReason))).toEqual([
        ['rule-changed'],
        ['rule-disabled'],
        ['rule-removed'],
      ]);
    });
    for (const userId of [4, 5, 6]) expect((await inboxOf(userId)).map(({ kind }) => kind)).toEqual(['raised']);
  }, 120_000);

  it('tells whoever listens, at first and at each change', async () => {
    const { limitId } = await addRule(7, { minDurationSeconds: 0 });
    const feed = await fetch(`${service.url}/users/7/alerts/live`);
    expect(feed.headers.get('content-type')).toBe('text/event-stream');
    let seen = '';
    const reading = (async () => {
      for await (const chunk of feed.body ?? []) seen += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    await eventually('the first event', 10_000, async () => expect(seen).toContain('"open":[]'));
    for (const value of [95, 96, 97]) await signal(limitId, value);
    await eventually('the alert', 30_000, async () => expect(seen).toContain('"name":"Too hot"'));
    await service.stopService();
    await reading;
    await service.startService();
    expect((await service.call('GET', '/users/99999/alerts/live')).status).toBe(404);
  }, 120_000);

  it('is not stopped by a record that is no signal, nor by a value from far ahead', async () => {
    const { limitId } = await addRule(8, { minDurationSeconds: 0 });
    const { name: topic } = topics.readingSignals;
    await producer.send({ topic, key: String(limitId), value: 'no JSON' });
    await producer.send({ topic, key: 'no id', value: '{}' });
    const aheadMs = Date.now() + 3_600_000;
    await producer.send({
      topic,
      key: String(limitId),
      value: JSON.stringify({ VALUE: 99, EVENT_AT: aheadMs, EVENT_ID: 'x' }),
    });
    for (const value of [95, 96, 97]) await signal(limitId, value);
    await eventually('the alert is raised', 30_000, async () => expect(await alertsOf(8)).toHaveLength(1));
    expect((await alertsOf(8))[0]?.peakValue).toBeLessThan(99);
  }, 120_000);

  it('goes on where its database says, not where Kafka does', async () => {
    const { limitId } = await addRule(9, { minDurationSeconds: 0 });
    await service.stopService();
    for (const value of [95, 96, 97]) await signal(limitId, value);
    // Somebody sets the group to the end: what the database has not seen would be lost.
    const admin = createKafka({ brokers: [service.stack.kafkaBrokers], clientId: 'test', log: silentLog }).admin();
    await admin.connect();
    const { name: topic } = topics.readingSignals;
    await admin.setOffsets({
      groupId: 'user-service-alerts',
      topic,
      partitions: (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: high })),
    });
    await admin.disconnect();
    await service.startService();
    // One more record makes the group read at all.
    for (const partition of [0, 1, 2]) await producer.send({ topic, key: `9000${partition}`, value: null, partition });
    await eventually('the alert is raised', 30_000, async () => expect(await alertsOf(9)).toHaveLength(1));
  }, 120_000);

  it('knows nothing when its values stop coming, says so, and is never over by silence', async () => {
    const { limitId } = await addRule(12, { minDurationSeconds: 0, threshold: 65 });
    for (const value of [95, 96, 97]) await signal(limitId, value);
    await eventually('the alert is raised', 30_000, async () =>
      expect(await alertsOf(12, '?state=open')).toHaveLength(1),
    );
    const clock = service.app.get(AlertClock);
    const laterMs = Date.now() + 600_000;
    // Silence of a source that was not read to its end means nothing.
    await clock.tick(laterMs, async () => false);
    expect(await alertsOf(12)).toMatchObject([{ state: 'active', endedAt: null }]);
    await clock.tick(laterMs, async () => true);
    await clock.tick(laterMs + 1_000, async () => true);
    expect(await alertsOf(12)).toMatchObject([{ state: 'no data', endedAt: null }]);
    // Not within ten minutes of the last interruption.
    await service.app.get(NoticeClock).tick(laterMs + 601_000);
    const notices = await service.sql('SELECT kind FROM inbox WHERE user_id = 12 ORDER BY id');
    expect(notices.map(({ kind }) => kind)).toEqual(['raised', 'no-data']);
    for (const value of [95, 96]) await signal(limitId, value);
    await eventually('it goes on', 30_000, async () => expect(await alertsOf(12)).toMatchObject([{ state: 'active' }]));
  }, 120_000);
});
