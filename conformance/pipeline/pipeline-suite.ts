import type { CaseResult, SuiteOptions } from '../../libs/ksql-engine/conformance/suite.js';
import { murmur2 } from '../../libs/ksql-engine/src/adapters/kafka/murmur2.js';
import { rowsByKey } from './compare-rows.js';
import { deviations } from './deviations.js';
import { Judge, type Deviation } from './judge.js';
import { readRecording, type Phase, type SentRecord } from './recording.js';
import { runPipeline } from './run-pipeline.js';

/** What the recording settles of a result topic. */
interface Settled {
  /**
   * Whether all rows of a key are firm, or the last one. Each key of `byCity` is a city or begins with one: its rows are firm where all that
   * this source has of the city is in one partition, since nothing orders partitions.
   */
  readonly rows: 'all' | 'last' | { readonly byCity: string };
  /** Of a stream, whose rows of one key come from several partitions: the column that tells them apart. */
  readonly streamOf?: string;
}

/** Foreign-key joins, and the join of two tables behind different windows: which rows come before the last depends on timing. */
const LAST: Settled = { rows: 'last' };
const ALL: Settled = { rows: 'all' };
const READINGS: Settled = { rows: { byCity: 'iot-sensors' } };

const settledOf: Readonly<Record<string, Settled>> = {
  'checked-readings': { rows: 'all', streamOf: 'SENSOR_ID' },
  'city-averages-1h': READINGS,
  'city-averages-5m': READINGS,
  'city-conditions': READINGS,
  'city-sensors': READINGS,
  'city-warnings': { rows: { byCity: 'weather-alerts' } },
  'forecast-averages-10m': ALL,
  'late-readings': { rows: 'all', streamOf: 'SENSOR_ID' },
  'sensor-flags': ALL,
  'sensor-health': LAST,
  'sensor-pauses': ALL,
  'sensor-sessions-30s': ALL,
  'sensor-signals': ALL,
  'sensor-silences': ALL,
  'user-alert-context': LAST,
  'user-conditions': LAST,
  'user-local-sensors': LAST,
  'weather-latest': ALL,
};

/** A reading is compared with its city's newest while the city is told of the same reading. */
const RACING: ReadonlySet<string> = new Set(['LATENESS_MS']);
/** Of each source topic of the recorded server. */
const PARTITIONS = 3;

/**
 * Runs the pipeline of a folder in memory over what a ksqlDB server was sent, and compares the rows of every recorded result topic.
 * Topics that were not recorded are not compared.
 */
export async function runPipelineSuite(
  pipelineFolder: string,
  { casesFolder, filter }: SuiteOptions,
  listed: Readonly<Record<string, readonly Deviation[]>> = deviations,
): Promise<readonly CaseResult[]> {
  const { phases, results, nowMs } = await readRecording(casesFolder);
  const run = await runPipeline(pipelineFolder, phases, nowMs);
  const judge = new Judge('pipeline', listed);
  const compared = [...results].flatMap(([topic, rows]) => {
    const settled = settledOf[topic];
    if (settled === undefined) throw new Error(`Nothing is known of ${topic}: say what is settled of it in settledOf`);
    const keys = { windowBytes: run.windowBytes(topic), column: settled.streamOf };
    return judge.compare(
      {
        topic,
        isOrdered: orderOf(settled, phases),
        hasLastRows: settled.streamOf === undefined,
        racing: RACING,
      },
      rowsByKey(rows, keys),
      rowsByKey(run.rows(topic), keys),
    );
  });
  return [...compared, ...judge.staleDeviations()].filter(({ file, name }) =>
    `${file} - ${name}`.includes(filter ?? ''),
  );
}

function orderOf({ rows }: Settled, phases: readonly Phase[]): (key: string) => boolean {
  if (typeof rows === 'string') return () => rows === 'all';
  const scattered = scatteredCities(phases, rows.byCity);
  return (key) => !scattered.has(key.split(' ')[0] ?? '');
}

/** The cities of which a source has records in several partitions. */
function scatteredCities(phases: readonly Phase[], topic: string): ReadonlySet<string> {
  const partitionsOf = new Map<string, Set<number>>();
  for (const record of phases.flatMap(({ records }) => records)) {
    const city = record.topic === topic ? cityOf(record) : undefined;
    if (city === undefined || record.key === null) continue;
    const partition = (murmur2(Buffer.from(record.key)) & 0x7fffffff) % PARTITIONS;
    partitionsOf.set(city, (partitionsOf.get(city) ?? new Set()).add(partition));
  }
  return new Set([...partitionsOf].filter(([, partitions]) => partitions.size > 1).map(([city]) => city));
}

function cityOf({ value }: SentRecord): string | undefined {
  return /"city_key":"([^"]+)"/i.exec(value ?? '')?.[1];
}
