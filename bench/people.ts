import { cityId, topics } from '@isobar/contracts';
import { ensureTopics, parseProducerSettings, RecordProducer, silentLog, type KafkaClientOptions } from '@isobar/kafka';
import { randomFreePorts, startTestStack, until } from '@isobar/local-stack/testing';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { repositoryRoot, thisMachine, writeResult } from './machine.js';
import { cpuSeconds, peakRssMb } from './process-usage.js';

const usage =
  'npm run bench -- people [--people 100000] [--rules 3] [--cities 500] [--readings 1000] [--seconds 30] [--rest 500] [--json FILE]';

/** Rules of the n-th of a person: in one city the same for everybody, as people set round numbers. */
const ruleKinds = [
  { metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 95 },
  { metric: 'AIR_QUALITY_INDEX', comparison: 'ABOVE', threshold: 150 },
  { metric: 'SENSOR_TEMPERATURE', comparison: 'BELOW', threshold: 20 },
  { metric: 'AIR_QUALITY_INDEX', comparison: 'ABOVE', threshold: 200 },
  { metric: 'SENSOR_TEMPERATURE', comparison: 'ABOVE', threshold: 105 },
] as const;

interface Size {
  readonly people: number;
  readonly rules: number;
  readonly cities: number;
  readonly readings: number;
  readonly seconds: number;
  readonly rest: number;
}

/**
 * People and rules in numbers, against user-service as it is deployed, a real PostgreSQL and a real Kafka. The signals are written as the
 * queries of ksql/40-alerts write them: one for each limit of a reading's city and metric. Not in it: the queries themselves and Connect.
 */
export async function peopleBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: '100000' },
      rules: { type: 'string', default: '3' },
      cities: { type: 'string', default: '500' },
      readings: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '30' },
      rest: { type: 'string', default: '500' },
      json: { type: 'string' },
    },
  });
  const { json, ...texts } = values;
  const size = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)])) as unknown as Size;
  const isWrong = Object.values(size).some((value) => !Number.isInteger(value) || value < 1);
  if (isWrong || size.rules > ruleKinds.length || size.people < size.cities) {
    console.error(`usage: ${usage}; at most ${ruleKinds.length} rules, and no more cities than people`);
    return 64;
  }
  const machine = thisMachine();
  const folder = mkdtempSync(join(tmpdir(), 'isobar-people-'));
  const stack = await startTestStack({ parts: ['postgres', 'kafka'] });
  const kafka: KafkaClientOptions = { brokers: [stack.kafkaBrokers], clientId: 'bench', log: silentLog };
  let service: ChildProcess | undefined;
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  try {
    await ensureTopics(kafka, [topics.readingSignals]);
    const citiesFile = join(folder, 'cities.json');
    writeFileSync(citiesFile, JSON.stringify({ version: 1, cities: citiesOf(size.cities) }));
    const [port = 0] = await randomFreePorts(1);
    service = spawn(process.execPath, [join(repositoryRoot, 'apps/user-service/dist/main.js')], {
      cwd: repositoryRoot,
      env: {
        ...process.env,
        ...{ PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'warn', CITIES_FILE: citiesFile },
        ...{ DATABASE_URL: stack.databaseUrl, KAFKA_BROKERS: stack.kafkaBrokers },
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const url = `http://127.0.0.1:${port}`;
    await until('user-service is ready', 60_000, async () => (await fetch(`${url}/readyz`)).ok);
    await database.connect();
    const imports = {
      people: await importRows(url, 'people', peopleRows(size)),
      rules: await importRows(url, 'rules', ruleRows(size)),
    };
    console.log(`import: ${JSON.stringify(imports)}`);
    await database.query('ANALYZE');
    // Each person is told at once, however often.
    await database.query(`INSERT INTO notice_settings (user_id, zone, break_through, digest_at, per_ten_minutes, per_day)
      SELECT id, 'UTC', 'CRITICAL', '07:00', 100, 100 FROM users ON CONFLICT DO NOTHING`);
    const rest = await measureRest(url, database, size);
    console.log(`REST at ${size.rest}/s: ${JSON.stringify(rest)}`);
    const pid = service.pid ?? 0;
    const cpuBefore = cpuSeconds(pid);
    const alerts = await measureAlerts(kafka, database, size);
    const cores = (cpuSeconds(pid) - cpuBefore) / size.seconds;
    const memoryMb = Math.round(peakRssMb(pid));
    console.log(`reading to inbox: ${JSON.stringify({ ...alerts, cores, memoryMb })}`);
    const result = { machine, size, imports, rest, alerts: { ...alerts, cores }, memoryMb };
    console.log(`written to ${await writeResult('people', json, result)}`);
    return alerts.told === alerts.expected &&
      imports.people.rowsPerDatabaseSecond >= 20_000 &&
      rest.p99Ms <= 50 &&
      alerts.p95Ms <= 1_000
      ? 0
      : 1;
  } finally {
    await database.end().catch(() => undefined);
    if (service !== undefined && service.exitCode === null) {
      service.kill('SIGTERM');
      await once(service, 'exit');
    }
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const nameOf = (index: number): string => `Bench ${index}`;
const cityKeyOf = (index: number): string => cityId(nameOf(index), 'IL');

const citiesOf = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: cityKeyOf(index), name: nameOf(index), state: 'IL' },
    ...{ latitude: 40, longitude: -88, timeZone: 'America/Chicago' },
  }));

function* peopleRows({ people, cities }: Size): Generator<object> {
  for (let n = 0; n < people; n += 1)
    yield { username: `bench.${n}`, fullName: `Person ${n}`, cityKey: cityKeyOf(n % cities) };
}

function* ruleRows({ people, rules }: Size): Generator<object> {
  for (let n = 0; n < people; n += 1)
    for (const kind of ruleKinds.slice(0, rules))
      yield {
        username: `bench.${n}`,
        name: `Rule ${kind.threshold}`,
        ...kind,
        minDurationSeconds: 0,
        coolDownSeconds: 0,
      };
}

interface ImportFigures {
  readonly rows: number;
  readonly seconds: number;
  readonly databaseSeconds: number;
  readonly rowsPerDatabaseSecond: number;
}

async function importRows(url: string, kind: string, rows: Generator<object>): Promise<ImportFigures> {
  const startedMs = performance.now();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      const lines: string[] = [];
      for (let n = 0; n < 500; n += 1) {
        const next = rows.next();
        if (next.done === true) break;
        lines.push(`${JSON.stringify(next.value)}\n`);
      }
      if (lines.length === 0) controller.close();
      else controller.enqueue(Buffer.from(lines.join('')));
    },
  });
  const response = await fetch(`${url}/imports/${kind}?batchRows=5000`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body,
    duplex: 'half',
  } as RequestInit);
  const last = JSON.parse((await response.text()).trim().split('\n').at(-1) ?? '{}') as Record<
    string,
    number | boolean
  >;
  if (last['done'] !== true || last['refused'] !== 0) throw new Error(`the import failed: ${JSON.stringify(last)}`);
  const databaseSeconds = Number(last['databaseMs']) / 1_000;
  return {
    rows: Number(last['written']),
    seconds: round((performance.now() - startedMs) / 1_000),
    databaseSeconds,
    rowsPerDatabaseSecond: Math.round(Number(last['written']) / databaseSeconds),
  };
}

/** Requests at an even pace, whether or not those before them were answered. */
async function measureRest(url: string, database: pg.Client, { rest, seconds }: Size) {
  const { rows } = await database.query<{ low: string; high: string }>(
    'SELECT min(id) AS low, max(id) AS high FROM users',
  );
  const [low, high] = [Number(rows[0]?.low), Number(rows[0]?.high)];
  const anyone = (): number => low + Math.floor(Math.random() * (high - low));
  const kinds: readonly (() => [string, string, object?])[] = [
    () => ['GET', `/users/${anyone()}`],
    () => ['GET', `/users/${anyone()}/rules`],
    () => ['GET', `/users/${anyone()}/inbox`],
    () => ['GET', `/users/${anyone()}/alerts?state=open`],
    () => ['PATCH', `/users/${anyone()}`, { aqiLimit: 50 + Math.floor(Math.random() * 100) }],
  ];
  const taken: number[] = [];
  let failed = 0;
  const ask = async (): Promise<void> => {
    const [method, path, body] = (kinds[Math.floor(Math.random() * kinds.length)] ?? kinds[0])?.() ?? ['GET', '/users'];
    const startedMs = performance.now();
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    await response.arrayBuffer();
    if (!response.ok) failed += 1;
    taken.push(performance.now() - startedMs);
  };
  const open: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let sent = 0; sent < rest * seconds;) {
    const due = Math.min(rest * seconds, Math.floor(((performance.now() - startedMs) / 1_000) * rest));
    for (; sent < due; sent += 1) open.push(ask().catch(() => void (failed += 1)));
    await sleep(5);
  }
  await Promise.all(open);
  return { requests: taken.length, failed, p50Ms: quantile(taken, 0.5), p99Ms: quantile(taken, 0.99) };
}

/**
 * Readings over all cities at an even pace; every second one city gets too hot. A notice counts from the moment its reading's signal was sent
 * until a reader of the inbox sees it.
 */
async function measureAlerts(kafka: KafkaClientOptions, database: pg.Client, size: Size) {
  const { rows: limits } = await database.query<{ id: string; city_key: string; metric: string; threshold: number }>(
    'SELECT id, city_key, metric, threshold FROM alert_limits ORDER BY id',
  );
  const limitsOf = Map.groupBy(limits, ({ city_key: city }) => city);
  const producer = new RecordProducer(kafka, parseProducerSettings('linger.ms=5'));
  const hot = new Set<number>();
  let signals = 0;
  const read = async (city: number): Promise<void> => {
    const atMs = Date.now();
    for (const { id, metric } of limitsOf.get(cityKeyOf(city)) ?? []) {
      const isTemperature = metric === 'SENSOR_TEMPERATURE';
      const value = isTemperature ? (hot.has(city) ? 99 : 70) : 40;
      signals += 1;
      await producer.send({
        topic: topics.readingSignals.name,
        key: id,
        value: JSON.stringify({ VALUE: value + Math.random(), EVENT_AT: atMs, EVENT_ID: `bench/${atMs}/${signals}` }),
      });
    }
  };
  // A rule that is new looks at whatever comes first: that is done once, and not what is measured.
  const warmedMs = performance.now();
  for (let city = 0; city < size.cities; city += 1) await read(city);
  await sleep(1_100);
  for (let city = 0; city < size.cities; city += 1) await read(city);
  await until('every rule has heard a value', 300_000, async () => {
    const { rows } = await database.query('SELECT FROM alert_states WHERE calm_from > calm_to LIMIT 1');
    return rows.length === 0;
  });
  const firstHeardSeconds = round((performance.now() - warmedMs) / 1_000);
  signals = 0;
  const seen: number[] = [];
  let lastId = '0';
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const { rows } = await database.query<{ id: string; sent_ms: string | null }>(
        `SELECT i.id, split_part(t.transition->'evidence'->'deciding'->-1->'place'->>'eventId', '/', 2) AS sent_ms
         FROM inbox i JOIN alert_transitions t ON t.alert_id = i.alert_id AND t.ordinal = 1 WHERE i.id > $1 AND i.kind = 'raised' ORDER BY i.id`,
        [lastId],
      );
      const nowMs = Date.now();
      for (const { id, sent_ms: sentMs } of rows) {
        lastId = id;
        seen.push(nowMs - Number(sentMs));
      }
      await sleep(20);
    }
  })();
  const open: Promise<void>[] = [];
  const startedMs = performance.now();
  for (let sent = 0; sent < size.readings * size.seconds;) {
    const elapsedSeconds = (performance.now() - startedMs) / 1_000;
    const hotCities = Math.min(Math.floor(elapsedSeconds - 3), size.cities, size.seconds - 6);
    for (let city = hot.size; city < hotCities; city += 1) hot.add(city);
    const due = Math.min(size.readings * size.seconds, Math.floor(elapsedSeconds * size.readings));
    for (; sent < due; sent += 1) open.push(read(sent % size.cities));
    await sleep(5);
  }
  await Promise.all(open);
  const tooHot = 'SENSOR_TEMPERATURE';
  const { rows } = await database.query<{ count: string }>(
    'SELECT count(*) FROM alert_rules WHERE metric = $1 AND comparison = $2 AND threshold = 95 AND city_key = ANY($3)',
    [tooHot, 'ABOVE', [...hot].map(cityKeyOf)],
  );
  const expected = Number(rows[0]?.count);
  await until('everybody was told', 60_000, async () => seen.length >= expected).catch(() => undefined);
  isOver = true;
  await watching;
  await producer.close(5_000);
  return {
    firstHeardSeconds,
    signals,
    signalsPerSecond: Math.round(signals / size.seconds),
    expected,
    told: seen.length,
    p50Ms: quantile(seen, 0.5),
    p95Ms: quantile(seen, 0.95),
    worstMs: quantile(seen, 1),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

const round = (value: number): number => Math.round(value * 10) / 10;
