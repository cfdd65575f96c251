import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { topics } from '@isobar/contracts';
import { ensureTopics, parseProducerSettings, RecordProducer, silentLog } from '@isobar/kafka';
import { eventually, randomFreePorts } from '@isobar/local-stack/testing';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { citiesFile, ServiceOnPostgres } from '../testing/service-on-postgres.js';
import { toWatchedRule, watermarkOf, type WatchedRule } from './keeping/watched-rule.js';
import { advance } from './life/advance.js';
import { SeededRandom } from './testing/histories.js';

/** More of them: `KILLS=50 node tools/jest.mjs --selectProjects integration --testPathPatterns kills.kafka`. */
const kills = Number(process.env['KILLS'] ?? 20);
const seed = Number(process.env['SEED'] ?? 11);
const limits = 6;
const rulesPerLimit = 3;
/** So many of them go up and down with every value, so that none can be lost unseen. */
const restless = 3;
const stepMs = 5_000;

let service: ServiceOnPostgres;
let producer: RecordProducer;
const replicas: ChildProcess[] = [];

beforeAll(async () => {
  const built = spawnSync(process.execPath, ['tools/build.mjs'], { encoding: 'utf8' });
  if (built.status !== 0) throw new Error(built.stderr);
  // The service of this process has no brokers: it answers, and takes no signal.
  service = await ServiceOnPostgres.start({ withKafka: true, takesSignals: false });
  const kafka = { brokers: [service.stack.kafkaBrokers], clientId: 'test', log: silentLog };
  await ensureTopics(kafka, [topics.readingSignals, topics.observationSignals]);
  producer = new RecordProducer(kafka, parseProducerSettings('linger.ms=0'));
}, 240_000);
afterAll(async () => {
  for (const replica of replicas) replica.kill('SIGKILL');
  await producer?.close();
  await service?.stop();
}, 60_000);

/** A step of an alert. */
interface Step {
  readonly episodeId: string;
  readonly kind: string;
  readonly ordinal: number;
}

async function startReplica(index: number): Promise<void> {
  const [port = 0] = await randomFreePorts(1);
  replicas[index] = spawn(process.execPath, ['apps/user-service/dist/main.js'], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      LOG_LEVEL: 'error',
      KAFKAJS_NO_PARTITIONER_WARNING: '1',
      DATABASE_URL: service.stack.databaseUrl,
      KAFKA_BROKERS: service.stack.kafkaBrokers,
      CITIES_FILE: citiesFile,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

it(`two replicas, ${kills} kills at random points: what was told is what the machine alone tells, each notice once`, async () => {
  const random = new SeededRandom(seed);
  // Each batch takes its time, so that kills fall into the middle of it and not between two.
  await service.sql(`
    CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END';
    CREATE TRIGGER slowly BEFORE INSERT ON alert_states FOR EACH STATEMENT EXECUTE FUNCTION slowly()`);
  for (let limit = 0; limit < limits; limit += 1)
    for (let person = 1; person <= rulesPerLimit; person += 1)
      await service.call('POST', `/users/${person}/rules`, {
        name: `Rule ${limit}`,
        metric: 'SENSOR_TEMPERATURE',
        comparison: 'ABOVE',
        threshold: 80 + limit,
        deadband: 1,
        minDurationSeconds: limit < restless ? 0 : 10,
        clearDelaySeconds: limit < restless ? 0 : 10,
        coolDownSeconds: 0,
      });
  // They are as if they had been there when their values come from.
  await service.sql('UPDATE alert_rules SET since_ms = 0');
  const rows = await service.sql('SELECT * FROM alert_rules ORDER BY id');
  const unknown = { state: null, limit_state: null, is_idle: null, calm_from: null, calm_to: null };
  const rules = rows.flatMap((row) => toWatchedRule({ ...row, ...unknown }) ?? []);
  const limitIds = [...new Set(rules.map(({ limitId }) => limitId ?? 0))];
  expect([rules.length, limitIds.length]).toEqual([limits * rulesPerLimit, limits]);

  const expected: Step[] = [];
  const watched = new Map<string, WatchedRule>(rules.map((rule) => [rule.id, rule]));
  let offset = 0;
  const nowMs = Date.now();
  const follow = (limitId: number, atMs: number, value: number): void => {
    for (const rule of rules.filter((each) => each.limitId === limitId)) {
      const before = watched.get(rule.id) ?? rule;
      const place = { topic: 't', partition: 0, offset: (offset += 1), eventId: `e${atMs}` };
      const sample = { atMs, value, heardAtMs: nowMs, place };
      const { state, transitions } = advance(before.rule, before.state, {
        kind: 'sample',
        sample,
        watermarkMs: watermarkOf(before, atMs),
      });
      watched.set(rule.id, { ...before, state });
      for (const { kind, episodeId, ordinal } of transitions) expected.push({ episodeId, kind, ordinal });
    }
  };

  let stillSends = true;
  const startMs = nowMs - 3_600_000;
  const sending = (async () => {
    for (let step = 0; stillSends || step % 40 !== 0; step += 1) {
      const atMs = startMs + step * stepMs;
      if (atMs > nowMs) break;
      for (const [index, limitId] of limitIds.entries()) {
        const wave = 83 + 12 * Math.sin(step / 6 + limitId) + random.next();
        const value = index < restless ? 60 + 40 * (step % 2) : wave;
        // Some come twice, as from a source that repeats itself.
        const times = random.next() < 0.1 ? 2 : 1;
        for (let time = 0; time < times; time += 1)
          await producer.send({
            topic: topics.readingSignals.name,
            key: String(limitId),
            value: JSON.stringify({ VALUE: value, EVENT_AT: atMs, EVENT_ID: `e${atMs}` }),
          });
        follow(limitId, atMs, value);
      }
      await sleep(60);
    }
  })();

  for (const index of [0, 1]) await startReplica(index);
  for (let kill = 0; kill < kills; kill += 1) {
    await sleep(300 + random.next() * 1_700);
    const index = random.next() < 0.5 ? 0 : 1;
    const victim = replicas[index];
    if (victim === undefined) continue;
    const ended = once(victim, 'exit');
    victim.kill('SIGKILL');
    await ended;
    await startReplica(index);
  }
  stillSends = false;
  await sending;

  const keyOf = ({ episodeId, kind, ordinal }: Step): string => `${episodeId}/${kind}/${ordinal}`;
  const wanted = expected.map(keyOf).toSorted();
  expect(wanted.length).toBeGreaterThan(50);
  await eventually('every step is taken, once', 120_000, async () => {
    const steps = await service.sql(`
      SELECT alert_id AS "episodeId", transition->>'kind' AS kind, ordinal FROM alert_transitions`);
    expect((steps as unknown as Step[]).map(keyOf).toSorted()).toEqual(wanted);
  });
  // Each alert is told of or waits to be; too many lines are counted, and none is there twice.
  const lines = (await service.sql(`
    SELECT alert_id AS "episodeId", kind, TRUE AS told FROM inbox UNION ALL
    SELECT held->'line'->'key'->>'episodeId', held->'line'->'key'->>'kind', FALSE
    FROM notice_states, jsonb_array_elements(state->'held') AS held`)) as unknown as (Step & { told: boolean })[];
  const [{ more = 0 } = {}] = (await service.sql(
    `SELECT coalesce(sum((state->>'more')::int), 0)::int AS more FROM notice_states`,
  )) as { more?: number }[];
  const byEpisode = Map.groupBy(lines, ({ episodeId }) => episodeId);
  const raised = expected.filter(({ kind }) => kind === 'raised');
  const untold = raised.filter(({ episodeId }) => byEpisode.get(episodeId) === undefined);
  expect(untold.length).toBeLessThanOrEqual(more);
  const isOver = new Set(expected.filter(({ kind }) => kind === 'cleared').map(({ episodeId }) => episodeId));
  for (const { episodeId } of raised) {
    const kinds = (byEpisode.get(episodeId) ?? []).map(({ kind }) => kind).toSorted();
    const allowed = isOver.has(episodeId) ? [['cleared', 'raised'], ['was'], []] : [['raised'], []];
    expect(allowed).toContainEqual(kinds);
  }
  // At most one interruption in ten minutes, and the run is shorter than twenty.
  const loud = await service.sql(`
    SELECT user_id, count(DISTINCT notice_id)::int AS notices FROM inbox WHERE delivery = 'INTERRUPT' GROUP BY 1`);
  for (const { notices } of loud) expect(notices).toBeLessThanOrEqual(2);
  const [open] = await service.sql(
    'SELECT count(*)::int AS rules FROM (SELECT rule_id FROM alerts WHERE ended_at_ms IS NULL GROUP BY rule_id HAVING count(*) > 1) doubles',
  );
  expect(open?.['rules']).toBe(0);
}, 400_000);
