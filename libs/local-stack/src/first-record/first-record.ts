import { resultTopics, sensorReadingV1, topics } from '@isobar/contracts';
import { createKafka, silentLog } from '@isobar/kafka';
import { StallLimit } from '../crowding.js';
import type { Job } from '../part.js';
import { StackError } from '../stack-error.js';
import { HopTracker, type Hop } from './hops.js';
import { MarkedUser, probeCity } from './marked-user.js';
import { TopicWatch } from './topic-watch.js';

export interface FirstRecordOptions {
  /** `KAFKA_BROKERS`, `DATABASE_URL`, `DASHBOARD_URL`. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Told the time from the reading's entry to the dashboard's answer, in milliseconds. */
  readonly onFirstRecord: (probeMs: number) => void;
  /** What the dashboard may ask for. */
  readonly token?: string | undefined;
  /** How long the record may stand at one place, on a machine of its own. */
  readonly timeoutMs?: number;
  /** How many times longer than that it may take; by how crowded the machine is when absent. */
  readonly stretch?: () => number;
}

const goneTimeoutMs = 5000;

const hopOfTopic: Readonly<Record<string, Hop>> = {
  [topics.postgresUsers.name]: 'postgres-users (change data capture)',
  [resultTopics.citySensors]: 'city-sensors',
  [resultTopics.cityConditions]: 'city-conditions',
  [resultTopics.userConditions]: 'user-conditions',
};

/**
 * The proof that the stack works: a marked user enters through PostgreSQL, a marked reading through `iot-sensors`, and their joined
 * row must come out of the sink topic and of the dashboard's API. Afterwards the user is removed and the reading taken back, so that no
 * table has a row of them.
 */
export const firstRecordJob = ({
  addresses,
  onFirstRecord,
  token,
  timeoutMs = 60_000,
  stretch,
}: FirstRecordOptions): Job => ({
  name: 'first-record',
  startsAfter: ['connect', 'weather-ingest', 'sensor-sim', 'stream-admin', 'dashboard'],
  async run(report) {
    const tracker = new HopTracker();
    const limit = new StallLimit(timeoutMs, stretch);
    const deadline = new AbortController();
    const timer = setInterval(() => limit.isOver && deadline.abort(), 200);
    const advance = (hop: Hop): void => {
      limit.progressed();
      tracker.see(hop);
      report(tracker.describe());
    };
    try {
      const probeMs = await sendThrough(addresses, token, advance, tracker, deadline.signal);
      onFirstRecord(probeMs);
      return `a test reading went sensor → Kafka → ksqlDB → dashboard in ${(probeMs / 1000).toFixed(1)} s`;
    } catch (error) {
      const reason = deadline.signal.aborted
        ? `nothing came in ${(limit.stalledMs / 1000).toFixed(0)} s`
        : messageOf(error);
      throw new StackError(`the test reading stopped before ${tracker.missing ?? 'its end'}`, {
        why: `${tracker.describe()}: ${reason}`,
        fix: fixFor[tracker.missing ?? 'dashboard'],
      });
    } finally {
      clearInterval(timer);
    }
  },
});

const fixFor: Readonly<Record<Hop, string>> = {
  'PostgreSQL insert': 'see npx isobar logs postgres and npx isobar logs user-service (it makes the table)',
  'iot-sensors': 'see npx isobar logs kafka',
  'postgres-users (change data capture)':
    'see npx isobar logs connect and npx isobar logs stream-admin (it deploys the connector)',
  'city-sensors': 'see npx isobar logs ksql-server and npx isobar logs stream-admin (it deploys the queries)',
  'city-conditions': 'see npx isobar logs ksql-server',
  'user-conditions': 'see npx isobar logs ksql-server',
  dashboard: 'see npx isobar logs dashboard',
};

/** @returns from the reading's entry to the dashboard's answer, in milliseconds */
async function sendThrough(
  addresses: Readonly<Record<string, string>>,
  token: string | undefined,
  advance: (hop: Hop) => void,
  tracker: HopTracker,
  deadline: AbortSignal,
): Promise<number> {
  const kafka = createKafka({ brokers: [addresses['KAFKA_BROKERS'] ?? ''], clientId: 'isobar-probe', log: silentLog });
  const watch = await TopicWatch.open(kafka, Object.keys(hopOfTopic), deadline);
  try {
    const user = await MarkedUser.insert(addresses['DATABASE_URL'] ?? '');
    advance('PostgreSQL insert');
    try {
      const eventId = `${probeCity}-${Date.now()}`;
      const gone = new Set<string>();
      watch.onRecord(({ topic, key, value }) => {
        const hop = hopOfTopic[topic];
        if (hop === undefined) return;
        const isOurUser = topic !== resultTopics.userConditions || key.includes(user.id);
        if (value === '' && (key.includes(probeCity) || (hop === 'user-conditions' && isOurUser))) gone.add(topic);
        const isOurs = topic === topics.postgresUsers.name ? key === user.id : value.includes(eventId);
        if (isOurs && isOurUser && !tracker.has(hop)) advance(hop);
      });
      const producer = kafka.producer({ allowAutoTopicCreation: false });
      await producer.connect();
      const send = async ({ topic, ...message }: ReturnType<typeof markedReading>): Promise<void> => {
        await producer.send({ topic, messages: [{ ...message, headers: { ...message.headers } }] });
      };
      const sentAt = Date.now();
      try {
        await send(markedReading(eventId, sentAt));
        advance('iot-sensors');
        await Promise.all([
          untilSeen(tracker, 'user-conditions', deadline),
          untilShown(`${addresses['DASHBOARD_URL']}/api/users/${user.id}/conditions`, token, eventId, deadline),
        ]);
        advance('dashboard');
        return Date.now() - sentAt;
      } finally {
        await user.remove();
        await send(markedReading(`${eventId}-over`, Date.now(), overSource)).finally(() => producer.disconnect());
        if (tracker.missing === undefined) await untilGone(() => tablesWithRows.every((topic) => gone.has(topic)));
      }
    } finally {
      await user.remove();
    }
  } finally {
    await watch.close();
  }
}

/** What `city_sensors.sql` takes a city's row away for. */
const overSource = `${probeCity}-over`;
/** Where the marked records leave a row until they are taken back. */
const tablesWithRows = [resultTopics.citySensors, resultTopics.cityConditions, resultTopics.userConditions];

/** Of no sensor: a sensor that spoke once would be missed ever after. */
const markedReading = (eventId: string, nowMs: number, source: string = probeCity) => ({
  ...sensorReadingV1.toRecord(
    probeCity,
    sensorReadingV1.schema.parse({
      event_id: eventId,
      city_key: probeCity,
      location: 'Isobar probe',
      state: 'ZZ',
      temperature_fahrenheit: 70,
      humidity_pct: 50,
      pressure_hpa: 1013,
      pm25_ugm3: 5,
      air_quality_index: 28,
      source,
      measured_at: nowMs,
    }),
  ),
  key: null,
});

async function untilSeen(tracker: HopTracker, hop: Hop, deadline: AbortSignal): Promise<void> {
  while (!tracker.has(hop)) await pause(20, deadline);
}

/** Until the rows are gone from the results, so that nobody who looks at Ready meets them. It is no condition of Ready. */
async function untilGone(isGone: () => boolean): Promise<void> {
  const limit = new StallLimit(goneTimeoutMs);
  while (!isGone() && !limit.isOver) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Polls the page's own API until the person's row carries the marked reading. */
async function untilShown(
  url: string,
  token: string | undefined,
  eventId: string,
  deadline: AbortSignal,
): Promise<void> {
  const headers: Record<string, string> = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  for (;;) {
    const response = await fetch(url, { signal: deadline, headers }).catch(() => undefined);
    if (response?.ok === true && (await response.text()).includes(eventId)) return;
    await pause(50, deadline);
  }
}

const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  signal.throwIfAborted();
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
