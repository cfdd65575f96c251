import { VALUE_COLUMNS, type BenchFormat } from './value-formats.js';

/** One query of the benchmark; the peer program knows it by `name` and reads and writes the same topics. */
export interface BenchTopology {
  readonly name: string;
  readonly title: string;
  /** Input topics by the name that the peer uses. */
  readonly inputs: readonly InputTopic[];
  readonly isTable: boolean;
  readonly select: string;
  /** Least acceptable ratio of records per CPU-second, ours to the peer's. */
  readonly target: number;
}

export type InputTopic = 'readings' | 'sensors' | 'calibrations';

export const topologies: readonly BenchTopology[] = [
  {
    name: 'filter',
    title: 'filter, project 2 of 8',
    inputs: ['readings'],
    isTable: false,
    select: 'SELECT sensor_id, city, temperature FROM readings WHERE air_quality > 50',
    target: 1.5,
  },
  {
    name: 'aggregate',
    title: 'COUNT, SUM by 100 k keys',
    inputs: ['readings'],
    isTable: true,
    select: 'SELECT sensor_id, COUNT(*) AS readings, SUM(air_quality) AS total FROM readings GROUP BY sensor_id',
    target: 1,
  },
  {
    name: 'window',
    title: 'tumbling COUNT, SUM',
    inputs: ['readings'],
    isTable: true,
    select: `SELECT sensor_id, COUNT(*) AS readings, SUM(air_quality) AS total FROM readings
      WINDOW TUMBLING (SIZE 5 MINUTES, GRACE PERIOD 1 MINUTE) GROUP BY sensor_id`,
    target: 1,
  },
  {
    name: 'stream-table',
    title: 'stream-table join',
    inputs: ['readings', 'sensors'],
    isTable: false,
    select: `SELECT r.sensor_id AS sensor_id, r.temperature AS temperature, s.owner AS owner
      FROM readings r JOIN sensors s ON r.sensor_id = s.sensor_id`,
    target: 1,
  },
  {
    name: 'stream-stream',
    title: 'stream-stream join, 10 s',
    inputs: ['readings', 'calibrations'],
    isTable: false,
    select: `SELECT r.sensor_id AS sensor_id, r.temperature AS temperature, c.drift AS drift
      FROM readings r JOIN calibrations c WITHIN 10 SECONDS GRACE PERIOD 1 MINUTE ON r.sensor_id = c.sensor_id`,
    target: 1,
  },
];

const keys: Readonly<Record<InputTopic, string>> = {
  readings: 'STREAM readings (sensor_id STRING KEY',
  sensors: 'TABLE sensors (sensor_id STRING PRIMARY KEY',
  calibrations: 'STREAM calibrations (sensor_id STRING KEY',
};

/** Columns of JSON are declared; those of other formats come from the registry. */
const columns = (input: InputTopic, format: BenchFormat): string =>
  format === 'json' ? VALUE_COLUMNS[input].map(([name, type]) => `, ${name} ${type}`).join('') : '';

/** Declares the inputs of a topology; `topicOf` gives their topics. */
export const sourceStatements = (
  { inputs }: BenchTopology,
  topicOf: (input: InputTopic) => string,
  format: BenchFormat,
): string =>
  inputs
    .map(
      (input) =>
        `CREATE ${keys[input]}${columns(input, format)})
  WITH (kafka_topic='${topicOf(input)}', key_format='KAFKA', value_format='${format}');`,
    )
    .join('\n');

export const sinkStatement = ({ isTable, select }: BenchTopology, topic: string, format: BenchFormat): string =>
  `CREATE ${isTable ? 'TABLE' : 'STREAM'} result WITH (kafka_topic='${topic}', key_format='KAFKA', value_format='${format}', partitions=4)
    AS ${select} EMIT CHANGES;`;
